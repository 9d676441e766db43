"""What travels over HTTP, one module per subject."""
