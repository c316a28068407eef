#!/bin/sh
# Makes a secret for each part of docker-compose.yml, once, into secrets/, readable by you alone.
# What is there already stays: to change a secret, remove its file, run this and restart.
set -eu
umask 077
directory="$(dirname "$0")/../secrets"
mkdir -p "$directory"
cd "$directory"

secret() { openssl rand -hex 24; }

write() { # NAME: what it reads becomes the file NAME, whole or not at all
  if [ -e "$1" ]; then
    cat > /dev/null
  else
    cat > "$1.new"
    mv "$1.new" "$1"
  fi
}

for user in admin collector grafana serve; do
  secret | write "clickhouse_$user"
done
secret | write grafana_admin
secret | write cluster
secret | write gateway_token
secret | write pages_token
# Agents must trust this certificate; put one of your own authority in its place.
if [ ! -e gateway_cert.pem ]; then
  openssl req -x509 -newkey rsa:3072 -nodes -days 825 -subj /CN=gateway \
    -addext subjectAltName=DNS:gateway,DNS:localhost \
    -keyout gateway_key.pem -out gateway_cert.pem 2> /dev/null
fi

hash() { printf %s "$(cat "clickhouse_$1")" | openssl dgst -sha256 -r | cut -d' ' -f1; }

# ClickHouse is configured with one hash, and what its nodes tell each other apart by; `migrate` gives
# it the others.
rm -f clickhouse_users.xml
write clickhouse_users.xml <<XML
<clickhouse>
  <admin_password>$(hash admin)</admin_password>
  <cluster_secret>$(cat cluster)</cluster_secret>
</clickhouse>
XML
# Who signs in to the pages; it has no secret, and more people and roles go into it.
if [ ! -e people.toml ]; then
  write people.toml <<TOML
[admin]
token_sha256 = "$(printf %s "$(cat pages_token)" | openssl dgst -sha256 -r | cut -d' ' -f1)"
roles = ["admin"]
TOML
fi
rm -f migrate.env server.env collector.env
write migrate.env <<ENV
OTEL_AI_FEEDBACK_STORE=http://admin:$(cat clickhouse_admin)@clickhouse:8123/ai_feedback
ENV
write server.env <<ENV
OTEL_AI_FEEDBACK_STORE=http://serve:$(cat clickhouse_serve)@clickhouse:8123/ai_feedback
ENV
write collector.env <<ENV
OTEL_AI_FEEDBACK_CLICKHOUSE_PASSWORD=$(cat clickhouse_collector)
OTEL_AI_FEEDBACK_GATEWAY_TOKEN=$(cat gateway_token)
ENV
# Containers run as users of their own, and a secret is mounted with the file's own mode.
chmod 0644 gateway_cert.pem gateway_key.pem clickhouse_users.xml grafana_admin people.toml
chmod 0644 clickhouse_collector clickhouse_grafana clickhouse_serve
chmod 0711 .
