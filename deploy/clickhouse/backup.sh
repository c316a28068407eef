#!/bin/sh
# Backs up the database of a ClickHouse server, incrementally on the newest backup before.
#
#   deploy/clickhouse/backup.sh [PREVIOUS]       e.g. from cron, naming what it printed the last time
#
# Restore into a server without the database:
#   RESTORE DATABASE ai_feedback FROM Disk('backups', '2026-11-24T03-00-00Z')
#
# CLICKHOUSE_CLIENT is how to reach the server; by default inside docker-compose.yml.
set -eu
client="${CLICKHOUSE_CLIENT:-docker compose exec -T clickhouse clickhouse-client --user admin --password $(cat "$(dirname "$0")/../../secrets/clickhouse_admin")}"
name="$(date -u +%Y-%m-%dT%H-%M-%SZ)"
case "${1:-}" in
  "") settings="" ;;
  *[!0-9TZ-]*) echo "PREVIOUS must be the name of a backup, such as $name" >&2; exit 2 ;;
  *) settings="settings base_backup = Disk('backups', '$1')" ;;
esac
$client --query "backup database ai_feedback to Disk('backups', '$name') $settings" >&2
echo "$name"
