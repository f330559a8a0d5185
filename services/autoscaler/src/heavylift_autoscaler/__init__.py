"""How many workers there should be, and why: a recommendation from what the store and the cluster say."""
