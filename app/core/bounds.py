"""What one request may cost, beyond the bounds of a recipe's own members (`app.schemas`).

docs/operations.md has the same figures as a table. A request beyond a bound is a 413 or a 422 that
names it.
"""

KIB = 1024
MIB = 1024 * KIB

MAX_DIFFERENT_WORDS = 4000
"""Different words of one recipe that the search finds. Cookbook chapters have some hundred."""
MAX_MARKS = 30
"""Combining marks in a row, as in the Stream-Safe Text Format of Unicode (UAX #15)."""
MAX_ACCEPT = 4 * KIB
"""Characters of an Accept header. A longer one accepts nothing that we have."""
