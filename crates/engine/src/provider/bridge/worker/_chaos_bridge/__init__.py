"""The worker's own modules."""
