"""What stands between a call and its dependency: breaker, retry, timeout, fallback, and their composition."""
