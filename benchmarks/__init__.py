"""Benchmarks: the service compared with three reference servers, and demo recipes."""
