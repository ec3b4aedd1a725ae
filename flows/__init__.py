"""Prefect flows that carry facts between partner systems and the partners' inboxes and outboxes."""
