"""schema.org/Recipe (JSON-LD), read and written."""
