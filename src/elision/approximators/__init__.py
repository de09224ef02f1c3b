"""Which subsets to ask about, and scores from the values there: plain numpy, no model."""
