"""Recorded facts to the partners' outboxes and the unified stream: who may see what."""
