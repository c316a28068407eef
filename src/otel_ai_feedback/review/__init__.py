"""Review: which outputs are read, by whom, and what that says of all of them."""
