//! Sends events to every watcher, and never waits for one.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Each watcher holds a connection. A class that watches one service has some thirty.
const WATCHERS: usize = 64;
/// Events that wait for a watcher: a second's worth. A watcher that has not read those is dropped.
const WAITING: usize = 128;
/// Requests followed in a second, with some six events each. A reader sees no more arrows than that, and a browser draws
/// them with ease; all others are only counted.
const FOLLOWED_PER_SECOND: f64 = 20.0;

/// How many answers there were: successes and redirections, refusals (4xx), failures (5xx).
pub(super) type Counts = [u64; 3];

/// The watchers of one service.
#[derive(Default)]
pub(crate) struct Bus {
    watchers: Mutex<Vec<Sender<Bytes>>>,
    /// The length of `watchers`.
    watched: AtomicUsize,
    room: Mutex<Room>,
    requests: AtomicU64,
    counts: [AtomicU64; 3],
}

impl Bus {
    pub(super) fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed) > 0
    }

    /// Returns whether one more request may be followed now.
    pub(super) fn has_room(&self) -> bool {
        self.room.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now())
    }

    /// Returns a number for a request.
    pub(super) fn number(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts an answer.
    pub(super) fn count(&self, status: StatusCode) {
        let class = match status.as_u16() {
            ..400 => 0,
            400..500 => 1,
            500.. => 2,
        };
        self.counts[class].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of answers since the first watcher came.
    pub(super) fn counts(&self) -> Counts {
        self.counts.each_ref().map(|count| count.load(Ordering::Relaxed))
    }

    /// Sends an event to every watcher. One whose queue is full reads too slowly: its feed ends.
    pub(super) fn send(&self, name: &str, event: &impl Serialize) {
        let message = message(name, event);
        self.keep(|watcher| watcher.try_send(message.clone()).is_ok());
    }

    /// Adds a watcher, unless there are too many.
    pub(super) fn watch(self: &Arc<Self>) -> Option<Watch> {
        let (sender, events) = channel(WAITING);
        let mut watchers = self.lock();
        if watchers.len() >= WATCHERS {
            return None;
        }
        watchers.push(sender);
        self.watched.store(watchers.len(), Ordering::Relaxed);
        drop(watchers);
        Some(Watch { bus: Arc::clone(self), events, greeting: None })
    }

    fn keep(&self, mut wanted: impl FnMut(&Sender<Bytes>) -> bool) {
        let mut watchers = self.lock();
        watchers.retain(|watcher| wanted(watcher));
        self.watched.store(watchers.len(), Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Sender<Bytes>>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One watcher's end.
pub(super) struct Watch {
    pub(super) bus: Arc<Bus>,
    pub(super) events: Receiver<Bytes>,
    pub(super) greeting: Option<Bytes>,
}

impl Watch {
    /// Sets the first event.
    pub(super) fn greet(mut self, scene: &impl Serialize) -> Self {
        self.greeting = Some(message("hello", scene));
        self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.events.close();
        self.bus.keep(|watcher| !watcher.is_closed());
    }
}

/// Returns an event as it is sent. JSON has no line feeds outside strings, and none in strings that is not escaped.
pub(super) fn message(name: &str, event: &impl Serialize) -> Bytes {
    let event = serde_json::to_string(event).expect("every event can be written as JSON");
    format!("event: {name}\ndata: {event}\n\n").into()
}

/// How many more requests may be followed: a bucket that fills in a second.
struct Room {
    left: f64,
    at: Option<Instant>,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: FOLLOWED_PER_SECOND, at: None }
    }
}

impl Room {
    fn take(&mut self, now: Instant) -> bool {
        let passed = self.at.replace(now).map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.left = (self.left + passed * FOLLOWED_PER_SECOND).min(FOLLOWED_PER_SECOND);
        let has_room = self.left >= 1.0;
        if has_room {
            self.left -= 1.0;
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_has_room_for_so_many_requests() {
        let mut room = Room::default();
        let start = Instant::now();
        let taken = |room: &mut Room, at| (0..1000).filter(|_| room.take(at)).count();
        assert_eq!(taken(&mut room, start), 20);
        assert_eq!(taken(&mut room, start + Duration::from_millis(501)), 10);
        assert_eq!(taken(&mut room, start + Duration::from_secs(9)), 20);
    }

    #[test]
    fn a_watcher_that_does_not_read_is_dropped() {
        let bus = Arc::new(Bus::default());
        let mut slow = bus.watch().expect("there is room");
        let mut quick = bus.watch().expect("there is room");
        for number in 0..=WAITING {
            bus.send("number", &number);
            quick.events.try_recv().expect("the event");
        }
        // The slow one gets the events that were waiting, then the end.
        for _ in 0..WAITING {
            slow.events.try_recv().expect("an event");
        }
        assert!(slow.events.is_closed() && slow.events.try_recv().is_err());
        assert!(bus.is_watched() && !quick.events.is_closed());
        drop(quick);
        assert!(!bus.is_watched());
    }

    #[test]
    fn the_number_of_watchers_is_bounded() {
        let bus = Arc::new(Bus::default());
        let watches: Vec<_> = (0..WATCHERS).map(|_| bus.watch().expect("there is room")).collect();
        assert!(bus.watch().is_none());
        drop(watches);
        assert!(bus.watch().is_some());
    }
}
