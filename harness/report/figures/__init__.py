"""The figures of the evidence as pictures that stand in the page itself: one module for each kind."""
