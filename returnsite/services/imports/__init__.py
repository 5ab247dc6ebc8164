"""Writing imported orders: new ones in bulk, known ones by merging."""
