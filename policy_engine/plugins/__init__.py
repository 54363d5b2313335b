"""Hook specifications, loading, and the built-in actions, a plugin like any other."""
