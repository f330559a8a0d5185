"""How many workers there should be, and why; and a controller that sees to it on a cluster."""
