"""The hub on real parts: the local stack, the demo, and what production needs."""
