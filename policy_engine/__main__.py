"""``python -m policy_engine``: the command policy-engine."""

import sys

from policy_engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
