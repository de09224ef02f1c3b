"""The papers' study: data sets and the training of their models."""
