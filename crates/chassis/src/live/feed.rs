//! The body of `GET /live/events`: events as they come, until the client goes, reads too slowly, or the service stops.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use daemon::Shutdown;
use hyper::body::{Body, Bytes, Frame};
use serde::Serialize;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::bus::{Counts, Watch, message};
use crate::metrics::InFlight;

/// How often a watcher hears how many answers there were.
const BEAT: Duration = Duration::from_secs(1);
/// After so many beats a watcher hears even that there were none. Without a word for three times as long, the page takes
/// its connection for lost.
const QUIET_BEATS: u32 = 5;
/// Events in one write: some kilobytes.
const TOGETHER: usize = 16;

/// A stream of events.
pub(crate) struct Feed {
    watch: Watch,
    counted: Option<Counts>,
    beat: Interval,
    quiet: u32,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    _in_flight: InFlight,
}

#[derive(Serialize)]
struct Count {
    answered: u64,
    refused: u64,
    failed: u64,
}

impl Feed {
    pub(super) fn new(watch: Watch, in_flight: InFlight, mut shutdown: Shutdown) -> Self {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = Box::pin(async move { shutdown.ordered().await });
        Self { watch, counted: None, beat, quiet: 0, stopped, _in_flight: in_flight }
    }

    /// Returns the number of answers since the last time, unless there were none for a short time only.
    fn count(&mut self) -> Option<Bytes> {
        let counts = self.watch.bus.counts();
        let last = self.counted.replace(counts).unwrap_or(counts);
        let [answered, refused, failed] = [0, 1, 2].map(|class| counts[class] - last[class]);
        self.quiet = if counts == last { self.quiet + 1 } else { 0 };
        self.quiet.is_multiple_of(QUIET_BEATS).then(|| message("count", &Count { answered, refused, failed }))
    }

    /// Returns an event and some of those behind it.
    fn with_waiting(&mut self, first: Bytes) -> Bytes {
        let mut bytes = Vec::from(first);
        for _ in 1..TOGETHER {
            let Ok(next) = self.watch.events.try_recv() else { break };
            bytes.extend_from_slice(&next);
        }
        bytes.into()
    }
}

impl Body for Feed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        if let Some(greeting) = self.watch.greeting.take() {
            return frame(greeting);
        }
        if self.stopped.as_mut().poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        while self.beat.poll_tick(cx).is_ready() {
            if let Some(count) = self.count() {
                return frame(count);
            }
        }
        match self.watch.events.poll_recv(cx) {
            Poll::Ready(Some(event)) => frame(self.with_waiting(event)),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}
