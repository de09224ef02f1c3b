"""Every table and figure of the two papers, measured anew and set beside what the papers say."""
