"""Search: the order of units that keeps the answer and takes it away best, and the smallest sets that do."""
