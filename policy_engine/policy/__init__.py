"""TOML files, read and held against the schema: one merged document with positions, and its findings."""
