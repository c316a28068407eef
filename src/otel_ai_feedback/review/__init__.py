"""Review: which outputs are reviewed, by whom, and what follows for all of them."""
