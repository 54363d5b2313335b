"""Structured matchers: compiled once, evaluated on every error, explained when asked."""
