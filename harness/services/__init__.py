"""PostgreSQL and Redis for a run, the same words whoever provides them."""
