"""What the formats of others have in common: from bytes to documents."""
