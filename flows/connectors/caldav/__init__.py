"""Calendars on a CalDAV server (RFC 4791), read by sync-collection (RFC 6578) and written by conditional PUT."""
