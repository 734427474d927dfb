//! The person service, tested through its public door: HTTP, bytes on the wire, and the process that users
//! start. What the chassis answers for every service is tested here too, on person as the example.

mod answers;
mod backup;
mod bodies;
mod common_routes;
mod configuration;
mod crash;
mod deletions;
mod failing_disk;
mod framing;
mod lab;
mod limits;
mod order;
mod ownership;
mod persons;
mod process;
mod restore;
mod routing;
mod slowness;
mod stopping;
mod tokens;
mod wire;
