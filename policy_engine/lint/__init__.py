"""Cross-checks over a whole policy: names that nothing defines."""
