"""Benchmarks: peers in the same process, in alternating rounds, medians and ratios printed."""
