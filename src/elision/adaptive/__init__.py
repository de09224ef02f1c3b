"""Sums over candidates from few model rows: a surrogate for most, sampling for what it may have missed."""
