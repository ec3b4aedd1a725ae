"""Entries as a city's course office writes them, to be put on a real server. All invented."""

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""

# A course over the end of summer time: one date moved to Sunday, one cancelled, one taken out.
COURSE = """BEGIN:VEVENT
UID:kurs-4711@stadt.example
DTSTAMP:20260901T080000Z
CREATED:20260901T080000Z
LAST-MODIFIED:20260915T080000Z
SEQUENCE:3
SUMMARY:Löten für Anfänger: Reparieren statt Wegwerfen
DESCRIPTION:Wir reparieren gemeinsam.\\n\\nBitte mitbringen: ein kaputtes Gerät\\, gute Laune.
DTSTART;TZID=Europe/Berlin:20261010T180000
DTEND;TZID=Europe/Berlin:20261010T200000
RRULE:FREQ=WEEKLY;COUNT=6
EXDATE;TZID=Europe/Berlin:20261107T180000
LOCATION:Bürgerhaus Süd\\, Werkraum 2
GEO:51.5075;7.1020
CATEGORIES:Technik,Nachhaltigkeit
URL:https://stadt.example/kurse/4711
ORGANIZER;CN=Kursbüro:mailto:kurse@stadt.example
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:Werkraum aufschließen
TRIGGER:-PT30M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:kurs-4711@stadt.example
DTSTAMP:20260915T080000Z
SEQUENCE:3
RECURRENCE-ID;TZID=Europe/Berlin:20261024T180000
SUMMARY:Löten für Anfänger: Reparieren statt Wegwerfen
DTSTART;TZID=Europe/Berlin:20261025T110000
DTEND;TZID=Europe/Berlin:20261025T130000
LOCATION:Stadtteilladen Nord
END:VEVENT
BEGIN:VEVENT
UID:kurs-4711@stadt.example
DTSTAMP:20260915T080000Z
SEQUENCE:3
RECURRENCE-ID;TZID=Europe/Berlin:20261031T180000
SUMMARY:Löten für Anfänger: Reparieren statt Wegwerfen
DTSTART;TZID=Europe/Berlin:20261031T180000
DTEND;TZID=Europe/Berlin:20261031T200000
LOCATION:Bürgerhaus Süd\\, Werkraum 2
STATUS:CANCELLED
END:VEVENT
"""

# Several whole days, in plain language.
HOLIDAY_WORKSHOP = """BEGIN:VEVENT
UID:ferienwerkstatt-2027@stadt.example
DTSTAMP:20260901T080000Z
SUMMARY;LANGUAGE=de-simple:Wir bauen eine Stadt aus Karton
DESCRIPTION;LANGUAGE=de-simple:Die Werkstatt dauert 3 Tage.\\nSie kostet nichts.
DTSTART;VALUE=DATE:20270330
DTEND;VALUE=DATE:20270402
LOCATION:Museum für alle
STATUS:TENTATIVE
END:VEVENT
"""

# One day; a member of staff is named, which must go nowhere.
FESTIVAL = """BEGIN:VEVENT
UID:fest-der-nachbarschaft@stadt.example
DTSTAMP:20260901T080000Z
SUMMARY:Fest der Nachbarschaft
DTSTART;VALUE=DATE:20270508
ORGANIZER;CN=Erika Beispiel:mailto:erika.beispiel@stadt.example
ATTENDEE;CN=Ömer Muster:mailto:oemer@privat.example
END:VEVENT
"""

CALENDARS = {"course": COURSE, "holiday-workshop": HOLIDAY_WORKSHOP, "festival": FESTIVAL}


def resource(vevents: str) -> bytes:
    """Make a calendar resource of VEVENTs."""
    whole = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Kursbuero//DE\n{ZONE}{vevents}END:VCALENDAR\n"
    return whole.replace("\n", "\r\n").encode()
