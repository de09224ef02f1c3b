"""Word masks and group masks."""
