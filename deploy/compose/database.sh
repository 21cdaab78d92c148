#!/bin/bash
# Once, in an empty database: the three logins, and what the owner needs for backups (docs/operate.md).
set -eu
psql -v ON_ERROR_STOP=1 <<'END'
\getenv owner OWNER_PASSWORD
\getenv app APP_PASSWORD
\getenv export EXPORT_PASSWORD
CREATE ROLE minka_app NOLOGIN;
CREATE ROLE minka_export NOLOGIN;
CREATE ROLE minka_owner LOGIN REPLICATION CREATEROLE PASSWORD :'owner';
CREATE ROLE minka_web LOGIN PASSWORD :'app' IN ROLE minka_app;
CREATE ROLE minka_reader LOGIN PASSWORD :'export' IN ROLE minka_export;
CREATE DATABASE minka OWNER minka_owner;
GRANT minka_app, minka_export TO minka_owner WITH ADMIN OPTION;  -- as 15 says it too
GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO minka_owner;
END
psql -v ON_ERROR_STOP=1 -d minka -c 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO minka_owner'
echo 'host replication minka_owner all scram-sha-256' >>"$PGDATA/pg_hba.conf"
