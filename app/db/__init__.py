"""The databases: the base of the models, column types, compiled reads and transactions."""
