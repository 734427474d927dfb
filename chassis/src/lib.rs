//! The chassis: what every service needs and none owns.
//!
//! It owns the listener and its limits, the way from a request on the wire to a [`Reply`] or a
//! [`Problem`], the token check, configuration, logs and metrics. It knows no business noun, no SQL and
//! no file format, and keeps no global state: three services live in one process in `lab`.
//!
//! Start reading at [`serve`] (the life of a service), then `exchange.rs` (the life of one request).

mod common;
pub mod conditional;
pub mod config;
mod exchange;
mod fields;
mod framing;
pub mod keys;
mod lifecycle;
pub mod lock;
pub mod logs;
pub mod metrics;
pub mod openapi;
pub mod problem;
pub mod process;
mod reply;
mod request;
mod route;
mod server;
mod strict_json;
pub mod token;
mod trace;

pub use exchange::{Manifest, Service};
pub use fields::{Faults, Fields, kind_of};
pub use lifecycle::{Failed, Fatal, Shutdown, Stop, fatal, shutdown};
pub use problem::{Kind, Problem};
pub use reply::Reply;
pub use request::Request;
pub use route::{Body, Id, Route};
pub use server::{Running, serve};

pub use hyper::{Method, StatusCode, header};
