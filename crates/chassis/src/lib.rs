//! The chassis: the HTTP side that every service needs and none owns.
//!
//! It owns the listener and its limits, the way from a request on the wire to a [`Reply`] or a [`Problem`], the check of
//! tokens, and metrics. Tokens themselves are verified in `token`; a service as a process is `daemon`.
//! It knows no business noun, no SQL and no file format, and keeps no global state: three services live in one
//! process in `lab`.
//!
//! Start reading at [`serve`] (the life of a service), then `exchange.rs` (the life of one request).

mod activity;
mod body;
mod caller;
mod common;
pub mod conditional;
mod connections;
mod context;
mod cores;
mod cors;
mod docs;
mod exchange;
mod fields;
mod framing;
mod head;
mod idempotency;
mod index;
mod language;
mod live;
mod lookup;
pub mod metrics;
pub mod openapi;
mod page;
mod problem;
mod query;
mod reply;
mod route;
mod server;
mod service;
pub mod settings;
mod strict_json;
mod trace;

pub use caller::Caller;
pub use context::Context;
pub use fields::{FieldErrors, Fields, kind_of};
pub use idempotency::IdempotencyKey;
pub use problem::{Problem, ProblemType, Translation};
pub use query::Query;
pub use reply::Reply;
pub use route::{Body, Input, Route};
pub use server::serve;
pub use service::{Manifest, Service};
pub use settings::Settings;

pub use hyper::{Method, StatusCode, header};
