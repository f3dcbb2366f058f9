"""Technical checks and the controls they assess."""
