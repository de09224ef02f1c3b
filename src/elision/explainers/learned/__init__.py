"""Methods that learn from texts first."""
