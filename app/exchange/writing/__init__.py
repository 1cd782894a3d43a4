"""From documents to bytes, for people and for other applications."""
