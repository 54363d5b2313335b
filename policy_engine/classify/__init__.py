"""Rules and their index, severity and its adjustments."""
