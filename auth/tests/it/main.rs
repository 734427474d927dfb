//! Tests of the auth service from the outside: HTTP, its files, and the binary as a process. The behaviour that the
//! chassis gives every service is tested in `person`.

mod accounts;
mod backup;
#[cfg(feature = "cluster")]
mod cluster;
mod grant;
mod keygen;
mod me;
mod older_databases;
mod process;
mod revoke;
mod routes;
mod secrets;
mod service;
mod slow_store;
mod throttling;
mod tokens;
