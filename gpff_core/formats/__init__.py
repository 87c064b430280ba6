"""Files: structures that others wrote, read; samples and trajectories, written with their provenance."""
