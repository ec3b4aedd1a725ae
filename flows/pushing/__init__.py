"""From a partner's outbox into its system."""
