"""Measuring what a checkpoint does: metrics and benchmarks."""
