"""The engine in virtual time: recorded errors replayed."""
