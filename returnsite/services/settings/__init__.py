"""What a merchant sets, section by section: saving, undoing, and what blocks activation."""
