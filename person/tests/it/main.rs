//! Tests of the person service from the outside: HTTP, raw bytes on a connection, and the binary as a process.
//! The behaviour that the chassis gives every service is tested here, with person as the example.

mod answers;
mod backup;
mod bodies;
#[cfg(feature = "cluster")]
mod cluster;
mod common_routes;
mod configuration;
mod connections;
#[cfg(target_os = "linux")]
mod cores;
mod cors;
mod crash;
mod deletions;
mod erasure;
mod failing_disk;
mod framing;
mod identity;
mod index_page;
mod limits;
mod live;
mod members;
mod order;
mod ownership;
mod persons;
mod process;
mod quota;
mod repetition;
mod restore;
mod restored_numbers;
mod routing;
mod service;
mod slowness;
mod stopping;
mod store_file;
mod tokens;
