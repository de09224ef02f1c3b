"""What could stand in a place, and how likely it is."""
