"""Makes the container images of a run out of packages alone: no image registry is asked."""
