-- The database of one service and its role, which reaches nothing else: see docs/cluster.md. It can be run again at any
-- time, by a superuser: PASSWORD=… psql -v ON_ERROR_STOP=1 -v service=person -f deploy/database.sql
\getenv password PASSWORD
SELECT format('CREATE ROLE %I', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0', :'service', :'service')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
-- By default any role may connect to any database.
REVOKE ALL ON DATABASE :"service", postgres, template1 FROM PUBLIC;
