//! The baseline: a bare hyper server that sends one fixed answer. With an upstream it is a relay: it first calls the
//! upstream with hyper's async client, for each request.
//!
//! `bare_server ADDRESS BODY [UPSTREAM]`

#[cfg(feature = "client")]
mod server;

#[cfg(feature = "client")]
fn main() {
    server::main();
}

#[cfg(not(feature = "client"))]
fn main() {
    panic!("build it with `--features client`");
}
