"""Return rules as the merchant changes them: draft, trial, publishing, history, words."""
