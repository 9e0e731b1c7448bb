"""A known-good adapter, written from the specification and the readings; it does not know the law."""
