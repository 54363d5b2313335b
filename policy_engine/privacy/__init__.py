"""Scrubbing: secrets leave an error before anything keeps it."""
