"""HTTP: routes, who asks, problem documents, conditional requests."""
