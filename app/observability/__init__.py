"""Logs, metrics, slow queries and traces."""
