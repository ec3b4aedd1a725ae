"""iCalendar (RFC 5545, RFC 7986): calendars read as facts of the hub, facts written as calendars."""
