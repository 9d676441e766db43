"""What the platform does, free of HTTP."""
