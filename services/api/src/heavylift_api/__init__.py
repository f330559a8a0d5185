"""Receives tasks over HTTP and reports on them."""
