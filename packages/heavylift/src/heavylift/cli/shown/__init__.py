"""How what Heavylift knows is told to a person at a terminal."""
