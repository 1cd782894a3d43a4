"""The recipe as others write and read it: pure functions between documents and their formats."""
