"""The Trajectories page: structures over time, looked at, measured, compared and taken away."""
