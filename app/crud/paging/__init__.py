"""Pages of any list: the query object, keyset statements and cursors."""
