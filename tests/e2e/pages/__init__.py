"""Page objects: what a customer does on each page, in words, with and without JavaScript."""
