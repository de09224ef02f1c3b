"""Explaining a data set: explanations of many texts, in a file and as one report."""
