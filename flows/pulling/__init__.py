"""From a partner's system into its inbox: what is new there becomes facts."""
