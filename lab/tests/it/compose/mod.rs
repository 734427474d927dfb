//! The lab in containers, as `docker compose` starts it: `cargo test -p lab --features docker compose`.
//!
//! Each test has a checkout of its own, with images, ports and volumes of its own, and leaves nothing behind but
//! what Docker keeps of a build.

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
