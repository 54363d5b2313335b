"""Retries: options, the machine that decides, the layer that waits."""

from policy_engine.protect.retry.budget import Budget, BudgetOptions
from policy_engine.protect.retry.layer import Retryable, RetryLayer
from policy_engine.protect.retry.options import RetryOptions, compile_retry

__all__ = ["Budget", "BudgetOptions", "RetryLayer", "RetryOptions", "Retryable", "compile_retry"]
