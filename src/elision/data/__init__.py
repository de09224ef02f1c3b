"""Examples from files, DataFrames and Series: nothing here needs more than the standard library."""
