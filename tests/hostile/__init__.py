"""What strangers may send: queries made to kill, and load with such queries in it."""
