"""Makes the environment in which a platform's own code runs, as its lock file pins it, and finds it again."""
