"""A recipe API: REST, server-rendered pages, one SQLite file or PostgreSQL."""
