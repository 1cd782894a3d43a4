"""Full-text search: words, the index and its queries, on SQLite and PostgreSQL."""
