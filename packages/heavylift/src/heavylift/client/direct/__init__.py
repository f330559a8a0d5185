"""A client that asks the store itself, for those who may reach Redis."""
