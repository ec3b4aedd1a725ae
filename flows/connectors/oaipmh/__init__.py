"""Repositories that are harvested by OAI-PMH 2.0, in the formats of DataCite and Dublin Core."""
