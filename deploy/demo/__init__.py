"""The demo: a city's real calendar and an NGO's folder, joined by the whole hub on this machine.

Partner systems are played by ``calendar_server`` (a real CalDAV server), ``clerk`` (who keeps the city's calendar),
an NGO's folder and ``university`` (with a Kafka client of its own). ``witness`` reads what became of it from those
systems; ``story`` says in which order things happen; ``stage`` starts and stops it all. The user's own calendar is got
by ``fetching``, taken apart by ``guests``, put in by ``joining``; ``becoming`` tells what each of its entries became.
"""
