"""A shop that makes its invoices in the background."""
