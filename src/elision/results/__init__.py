"""What was found: explanations, comparisons, evaluations, and their files."""
