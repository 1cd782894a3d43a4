"""The servers that the service is compared with."""
