"""Backups: making, checking and restoring them, and moving to PostgreSQL."""
