"""HTTP on one side, the domain on the other: each route names what it asks for and what it answers."""
