//! What a service gives the chassis: its handlers, and the description of its routes.

use std::future::Future;

use hyper::body::Bytes;
use token::Keys;

use crate::metrics::Metrics;
use crate::problem::{Problem, ProblemType};
use crate::route::Route;
use crate::{Context, Reply, Settings};

/// The part that differs from service to service.
pub trait Service: Send + Sync + 'static {
    /// A request with every value parsed: path, query, headers and body.
    type Call: Send + 'static;

    /// Answers a call.
    fn handle(
        &self,
        call: Self::Call,
        context: &mut Context,
    ) -> impl Future<Output = Result<Reply, Problem>> + Send;

    /// Checks whether the service can do its work.
    ///
    /// # Errors
    /// Returns the reason for the answer of `/readyz`.
    fn ready(&self) -> Result<(), String>;
}

/// The description of a service.
pub struct Manifest<C: 'static> {
    /// Its name: in `GET /`, in logs, and as the audience of tokens.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// What keeps its data, as the page at `/live` names it.
    pub store: &'static str,
    /// The name of the service that it asks, if it asks one.
    pub asks: Option<&'static str>,
    /// Its routing table.
    pub routes: &'static [Route<C>],
    /// The problem types of this service alone.
    pub problems: &'static [&'static ProblemType],
    /// Its OpenAPI document.
    pub openapi: Bytes,
    /// The keys that verify tokens.
    pub keys: Keys,
    /// Its metrics.
    pub metrics: Metrics,
    /// Whether each core gets a runtime of its own: see `cores.rs`.
    pub runtime_per_core: bool,
    /// The values of the variables that every service has.
    pub settings: Settings,
}
