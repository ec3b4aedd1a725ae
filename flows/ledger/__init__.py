"""What flows remember in PostgreSQL, in the schema ``sync``, and the words it is remembered in."""
