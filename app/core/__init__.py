"""Shared by all rooms: settings, errors, policy, security, text. Knows no database and no HTTP."""
