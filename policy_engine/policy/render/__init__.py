"""Findings in the five forms that people and machines read, a file each."""

from policy_engine.policy.render.github import as_github
from policy_engine.policy.render.json import as_dict, as_json
from policy_engine.policy.render.junit import as_junit
from policy_engine.policy.render.sarif import as_sarif
from policy_engine.policy.render.text import as_text

__all__ = ["as_dict", "as_github", "as_json", "as_junit", "as_sarif", "as_text"]
