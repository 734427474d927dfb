//! What a handler knows of a request besides its call.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::caller::Caller;
use crate::live::Followed;
use crate::problem::Problem;
use crate::trace::{Timing, Trace};

/// The peer, the caller, the trace and the timing of a request.
#[derive(Debug)]
pub struct Context {
    pub(crate) peer: IpAddr,
    pub(crate) caller: Option<Arc<Caller>>,
    pub(crate) trace: Trace,
    pub(crate) timing: Timing,
    /// Whether a write is on its way to a store, which finishes it even if nobody waits for the answer.
    pub(crate) writing: bool,
    /// Sends the events of the request, if somebody watches.
    pub(crate) followed: Option<Box<Followed>>,
}

impl Context {
    /// Returns the address that the connection comes from: the client's, or that of the proxy before it.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Returns the caller.
    ///
    /// # Errors
    /// Returns an internal error on an open route.
    pub fn caller(&self) -> Result<&Arc<Caller>, Problem> {
        self.caller.as_ref().ok_or_else(|| Problem::internal("an open route has no caller"))
    }

    /// Returns the `traceparent` to pass on to another service.
    pub fn traceparent(&self) -> &str {
        self.trace.traceparent()
    }

    /// Returns the `tracestate` to pass on with it, if there is one.
    pub fn tracestate(&self) -> Option<&str> {
        self.trace.tracestate()
    }

    /// Awaits a write to a store. If the time of the handler ends meanwhile, the caller is told that the outcome is unknown.
    ///
    /// It takes a closure: an `async fn` that takes a future keeps it twice, as its argument and while it awaits it.
    pub async fn write<F: Future>(&mut self, write: impl FnOnce() -> F) -> F::Output {
        self.writing = true;
        self.asking("store", "write");
        let outcome = write().await;
        self.asked(None);
        self.writing = false;
        outcome
    }

    /// Awaits a read of a store.
    pub async fn read<F: Future>(&mut self, read: impl FnOnce() -> F) -> F::Output {
        self.asking("store", "read");
        let outcome = read().await;
        self.asked(None);
        outcome
    }

    /// Tells watchers that the store or another service is being asked: `what` is for a service a method and a path
    /// template.
    pub fn asking(&mut self, whom: &'static str, what: &'static str) {
        if let Some(followed) = &mut self.followed {
            followed.step(whom, what);
        }
    }

    /// Tells watchers the outcome: a status, or the name of a failure; nothing for a store.
    pub fn asked(&mut self, outcome: Option<&str>) {
        if let Some(followed) = &mut self.followed {
            followed.stepped(outcome);
        }
    }

    /// Adds the time since `start` to `Server-Timing`.
    pub fn timed(&mut self, name: &str, start: Instant, description: Option<&str>) {
        self.timing.add(name, start.elapsed(), description);
    }
}
