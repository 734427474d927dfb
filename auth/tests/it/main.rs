//! The auth service, tested through its public door: HTTP, the files it leaves, and the process that users
//! start. What the chassis answers for every service is tested in `person`.

mod accounts;
mod backup;
mod grant;
mod keygen;
mod lab;
mod process;
mod routes;
mod secrets;
mod throttling;
mod tokens;
