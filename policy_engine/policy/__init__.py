"""TOML files, read and held against the schema: one merged document with positions, and its findings."""

from policy_engine.policy.diagnostics import Diagnostic, Span
from policy_engine.policy.document import Document
from policy_engine.policy.load import LoadResult, load, load_layers

__all__ = ["Diagnostic", "Document", "LoadResult", "Span", "load", "load_layers"]
