"""Measures the harness itself and the reference on this machine: figures and ratios, and no verdict on either."""
