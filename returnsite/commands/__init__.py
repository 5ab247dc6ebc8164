"""`flask` commands, one file a group; `returnsite.cli` registers them."""
