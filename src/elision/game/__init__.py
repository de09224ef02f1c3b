"""The game: v(known), what asks it and what answers."""
