//! Tests of the auth service from the outside: HTTP, its files, and the binary as a process. The behaviour that the
//! chassis gives every service is tested in `person`.

mod accounts;
mod backup;
mod grant;
mod keygen;
mod process;
mod routes;
mod secrets;
mod service;
mod throttling;
mod tokens;
