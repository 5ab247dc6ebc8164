"""The merchant's list of returns: counting, searching, saved views, many at once."""
