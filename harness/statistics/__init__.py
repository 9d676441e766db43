"""What follows from noisy numbers, without assuming how they are distributed."""
