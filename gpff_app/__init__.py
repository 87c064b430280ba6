"""What the pages of the app share: the 3D viewer, background jobs, drawings, session state."""
