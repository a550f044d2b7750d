"""The service: its API, and the public page that protects pictures."""
