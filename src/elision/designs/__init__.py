"""Designs: which subsets to ask about, and how scores follow from the answers; they know nothing of models."""
