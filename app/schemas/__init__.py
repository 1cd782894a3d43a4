"""Request and response bodies, and queries, as Pydantic models."""
