"""Recovery strategies, their supervision and their status."""
