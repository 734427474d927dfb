//! The lab in containers, started by `docker compose`: `cargo test -p lab --features docker compose`.
//!
//! Each test has its own checkout, images, ports and volumes, and removes them all. Only Docker's build cache stays.

mod cluster;
mod durability;
mod hardening;
mod images;
mod isolation;
mod pages;
mod rebuild;
mod rotation;
mod secrets;
mod stack;
mod starting;
mod stopping;
