//! The chassis: what every service needs and none owns.
//!
//! It owns the listener and its limits, the way from a request on the wire to a [`Reply`] or a
//! [`Problem`], who asks, and metrics; tokens are verified in `token`, and the service as a process is `daemon`.
//! It knows no business noun, no SQL and no file format, and keeps no global state: three services live in one
//! process in `lab`.
//!
//! Start reading at [`serve`] (the life of a service), then `exchange.rs` (the life of one request).

mod caller;
mod common;
pub mod conditional;
mod docs;
mod exchange;
mod fields;
mod framing;
pub mod metrics;
pub mod openapi;
pub mod problem;
mod reply;
mod request;
mod route;
mod server;
mod strict_json;
mod trace;

pub use caller::Caller;
pub use exchange::{Manifest, Service};
pub use fields::{Faults, Fields, kind_of};
pub use problem::{Kind, Problem};
pub use reply::Reply;
pub use request::Request;
pub use route::{Body, Id, Route};
pub use server::serve;

pub use hyper::{Method, StatusCode, header};
