"""Text that people write: single values, lines under headings, a whole pasted recipe."""
