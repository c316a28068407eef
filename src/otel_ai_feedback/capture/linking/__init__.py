"""Finding the output that an action was done to."""
