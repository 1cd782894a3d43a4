"""Web pages: a tree of the HTML, and the recipes in it."""
