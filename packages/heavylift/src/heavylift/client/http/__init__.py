"""A client over HTTP."""
