# The only door: whatever a person or CI does has a verb here.
