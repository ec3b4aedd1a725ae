"""Inbox to submitted: judges each message by its partner's agreement and stamps its source."""
