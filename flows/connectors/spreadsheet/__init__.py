"""Tables as offices make them, CSV and XLSX, put into a folder: events in, and an answer beside each file."""
