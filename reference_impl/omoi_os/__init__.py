"""The reference platform: specs, their costs and their budgets."""
