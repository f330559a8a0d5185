"""A web application that leaves the heavy work to Heavylift."""
