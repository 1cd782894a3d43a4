"""Create, verify and restore backups, and move from SQLite to PostgreSQL."""
