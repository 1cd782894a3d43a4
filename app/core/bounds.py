"""What one request may cost, beyond the bounds of a recipe's own members (`app.schemas`).

docs/operations.md has the same figures as a table. A request beyond a bound is a 413 or a 422 that
names it.
"""

KIB = 1024
MIB = 1024 * KIB

MAX_ACCEPT = 4 * KIB
"""Characters of an Accept header. A longer one accepts nothing that we have."""
