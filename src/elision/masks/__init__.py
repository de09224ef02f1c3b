"""Masks: distributions over which units are kept, fitted so that the model still answers the same."""
