"""A request that a provider received → the neutral form, one module per wire."""
