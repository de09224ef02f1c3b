"""The data sets that are known by name."""

NAMES = ("sst2", "snli", "quora", "mrpc", "qqp", "esnli")
