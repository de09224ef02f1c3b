"""Explanations of many examples in files, and what they say together."""
