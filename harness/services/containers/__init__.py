"""Services and platforms in containers, one network for each lane of a run."""
