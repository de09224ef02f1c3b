"""Views: they read the Explanation only."""
