//! The lookups that wait for a thread, and the threads that wait for a lookup.
//!
//! Waking a thread costs as much as a lookup does. So a few threads take one lookup after the other, and only a lookup that
//! has waited for a while wakes one more.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::Instant;

use tokio::sync::oneshot;

use super::outcome::Answer;
use super::{Question, THREADS, WAITING};

/// Threads that new lookups wake: enough for what person answers at once on a few cores.
const EAGER: usize = 8;

pub(super) struct Lookup {
    pub(super) question: Question,
    /// Gets the time when a thread takes the lookup. Closed if its request no longer waits.
    pub(super) begun: oneshot::Sender<Instant>,
    pub(super) reply: oneshot::Sender<Answer>,
}

#[derive(Default)]
pub(super) struct Queue(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: VecDeque<Lookup>,
    /// The thread that worked last is woken first: its connection is the freshest.
    asleep: Vec<Thread>,
    closed: bool,
}

impl Queue {
    /// Adds a lookup for the threads that are awake, or wakes one if there are few.
    pub(super) fn push(&self, lookup: Lookup) {
        let mut state = self.lock();
        if state.waiting.len() >= THREADS + WAITING {
            // Requests that gave up have left theirs here, while every thread hung.
            state.waiting.retain(|lookup| !lookup.begun.is_closed());
        }
        state.waiting.push_back(lookup);
        if THREADS - state.asleep.len() < EAGER {
            wake_one(state);
        }
    }

    /// Wakes one more thread if lookups are waiting.
    pub(super) fn hurry(&self) {
        let state = self.lock();
        if !state.waiting.is_empty() {
            wake_one(state);
        }
    }

    /// Waits for a lookup; returns `None` once the queue is closed.
    pub(super) fn next(&self) -> Option<Lookup> {
        let current = thread::current();
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(lookup) = state.waiting.pop_front() {
                return Some(lookup);
            }
            state.asleep.push(current.clone());
            // A thread may also wake for no reason.
            while state.asleep.iter().any(|thread| thread.id() == current.id()) {
                drop(state);
                thread::park();
                state = self.lock();
            }
        }
    }

    /// Ends the threads, each after the lookup it has taken.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        mem::take(&mut state.asleep).iter().for_each(Thread::unpark);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wake_one(mut state: MutexGuard<'_, State>) {
    let thread = state.asleep.pop();
    drop(state);
    thread.inspect(Thread::unpark);
}
