//! `GET /live`: a page that shows requests as they happen, fed by server-sent events (the HTML standard, section 9.2).
//!
//! Off by default. Events hold route templates, statuses and times, and of the values that a caller sent only the trace
//! id, so they need no token. The path of an event: `followed.rs` makes it, `bus.rs` sends it to every watcher, `feed.rs`
//! writes it.

mod bus;
mod feed;
mod followed;

use std::sync::Arc;

use daemon::Shutdown;
use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::lookup::no_such_route;
use crate::metrics::InFlight;
use crate::page::File;
use crate::problem::Problem;
use crate::route::Line;
use crate::trace::Trace;
use bus::Bus;

pub(crate) use feed::Feed;
pub(crate) use followed::Followed;

pub(crate) static PAGE: File = File::html(include_str!("live/page.html"));
pub(crate) static STYLE: File = File::style(include_str!("live/page.css"));
pub(crate) static SCRIPT: File = File::script(include_str!("live/page.js"));
pub(crate) static STAGE: File = File::script(include_str!("live/stage.js"));
pub(crate) static REQUESTS: File = File::script(include_str!("live/requests.js"));

/// What the page shows beside the callers: the first event of a feed.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Scene {
    pub(crate) service: &'static str,
    pub(crate) store: &'static str,
    pub(crate) asks: Option<&'static str>,
}

/// The events of a service; nothing if they are off.
pub(crate) struct Live(Option<Arc<Bus>>);

impl Live {
    pub(crate) fn new(on: bool) -> Self {
        Self(on.then(Arc::default))
    }

    /// Begins to follow a request, unless nobody watches, machines send it every few seconds, or too many requests are
    /// followed already. Almost always nobody watches: then this reads one number.
    pub(crate) fn follow(
        &self,
        line: Option<&'static Line>,
        method: &Method,
        trace: &Trace,
    ) -> Option<Box<Followed>> {
        let bus = self.watched()?;
        if line.is_some_and(|line| line.routine) || !bus.has_room() {
            return None;
        }
        Some(Box::new(Followed::begin(Arc::clone(bus), line, method, trace)))
    }

    /// Counts an answer; returns the request if it is followed. One that no route matched is followed from here.
    pub(crate) fn answered(
        &self,
        followed: &mut Option<Box<Followed>>,
        line: Option<&'static Line>,
        method: &Method,
        trace: &Trace,
        status: StatusCode,
    ) -> Option<Box<Followed>> {
        let bus = self.watched()?;
        if line.is_some_and(|line| line.routine) {
            return None;
        }
        bus.count(status);
        followed.take().or_else(|| if line.is_none() { self.follow(None, method, trace) } else { None })
    }

    /// Adds a watcher.
    ///
    /// # Errors
    /// Returns `too-busy` if there are too many.
    pub(crate) fn feed(
        &self,
        scene: &Scene,
        in_flight: InFlight,
        shutdown: Shutdown,
    ) -> Result<Feed, Problem> {
        let bus = self.0.as_ref().ok_or_else(no_such_route)?;
        let watch = bus.watch().ok_or_else(|| Problem::too_busy("Too many pages watch this service."))?;
        Ok(Feed::new(watch.greet(scene), in_flight, shutdown))
    }

    fn watched(&self) -> Option<&Arc<Bus>> {
        self.0.as_ref().filter(|bus| bus.is_watched())
    }
}
