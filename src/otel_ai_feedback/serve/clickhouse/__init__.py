"""The ClickHouse-compatible HTTP endpoint, for Collectors, Grafana and other clients."""
