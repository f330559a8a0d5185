"""What the programs of all peers share. Standard library only: it runs in each peer's environment."""
