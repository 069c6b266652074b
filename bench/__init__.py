"""Measures the service beside two bare routes in the same gunicorn; see bench/README.md."""
