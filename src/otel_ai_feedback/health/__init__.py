"""System health: the SQL of the health checks, which reads from every other room."""
