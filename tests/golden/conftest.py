"""What lies here is compared, never run: the policy tests among it fail on purpose."""

collect_ignore_glob = ["*"]
