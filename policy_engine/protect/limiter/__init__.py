"""Rate limits: options, the token bucket, the layer that waits or refuses."""

from policy_engine.protect.limiter.layer import LimiterLayer
from policy_engine.protect.limiter.options import LimiterOptions, compile_limiter

__all__ = ["LimiterLayer", "LimiterOptions", "compile_limiter"]
