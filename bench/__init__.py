"""Benchmarks: each prints medians, p95 and ratios of things measured side by side in one run."""
