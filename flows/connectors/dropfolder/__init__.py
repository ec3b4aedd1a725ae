"""A folder between the hub and a partner without a system: .ics files in, a catalogue as .ics and CSV out."""
