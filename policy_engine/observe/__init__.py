"""Subscribers to the engine: statistics, alerts, callbacks."""
