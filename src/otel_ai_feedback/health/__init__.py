"""What the loop says of itself: the SQL of its health checks, which looks at every other room."""
