"""Windows and counters over errors and calls, and the conditions that policies state over them."""
