"""Models: what explainers ask."""
