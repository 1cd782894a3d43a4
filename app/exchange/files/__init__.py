"""Files of any application, opened safely: ZIP archives, JSON and tables."""
