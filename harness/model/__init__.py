"""A language model over HTTP: router, registry, request bodies, transport."""
