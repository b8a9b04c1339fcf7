#!/bin/sh
# Writes .env: passwords of the servers, made once, and who runs the containers. Leaves what is there.
set -eu
cd "$(dirname "$0")"
[ -e .env ] && { echo ".env is there already and stays as it is."; exit 0; }
[ -d secrets ] && [ -d data/audit ] || { echo "Make the folders secrets and data/audit first, as README.md says." >&2; exit 1; }
user="$(id -u):$(id -g)"
if [ "$(id -u)" = 0 ]; then
  user=65532:65532
  chown -R "$user" secrets data
fi
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
for name in POSTGRES_PASSWORD KEYCLOAK_DATABASE_PASSWORD KEYCLOAK_ADMIN_PASSWORD; do echo "$name=$(password)"; done >.env
echo "BANKCRM_USER=$user" >>.env
