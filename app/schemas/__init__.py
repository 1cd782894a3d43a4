"""The shapes on the wire: what a request may say and what an answer holds."""
