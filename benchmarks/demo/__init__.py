"""Believable recipes in any number, for trying out and for measuring."""
