"""Benchmarks: run by hand, never timed in a test."""

import dashboard  # noqa: F401  before polars is loaded, so that it keeps as much memory here as where people run the product
