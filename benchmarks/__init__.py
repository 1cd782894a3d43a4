"""What speed means here: this service side by side with three reference servers."""
