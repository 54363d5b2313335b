"""Levels, the triggers that move them, and the functions that depend on them."""
