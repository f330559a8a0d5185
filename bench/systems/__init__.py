"""One class for each library that is measured, all of one shape."""
