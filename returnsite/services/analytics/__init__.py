"""Why things come back, how much and how long it takes: figures kept added up, and read again."""
