#!/bin/sh
# Run by PostgreSQL's image on the first start: Keycloak's own database. Those of the services come by `provision databases`.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$KEYCLOAK_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE keycloak LOGIN PASSWORD :'password';
CREATE DATABASE keycloak OWNER keycloak;
REVOKE ALL ON DATABASE keycloak FROM public;
SQL
