"""A made-up shop on a site of its own, which shows the demo portal in its pages."""
