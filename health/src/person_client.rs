//! Asking person: does this person exist, and may the caller know? Asked anew before every operation; no
//! answer is cached, shared between requests or guessed.
//!
//! ureq blocks, so each lookup runs on a thread of its own; each thread keeps one connection. Who wants to ask
//! waits for a turn on the async side, where waiting costs nothing.

mod outcome;
mod transport;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use chassis::metrics::{Metrics, histogram};
use chassis::{Caller, Id, Problem, Request};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;
use ureq::Agent;

use outcome::Outcome;
use transport::{Addresses, Seen};

/// Lookups at once: one a connection of the usual load, and person answers each in well under a millisecond.
const AT_ONCE: usize = 64;
/// Lookups that wait for their turn; more would wait longer than they may.
const WAITING: usize = 256;
/// For a turn to come, and then for the answer in all.
const TIME_LIMIT: Duration = Duration::from_secs(1);
/// A lookup's thread counts the time itself; this is for one that hangs where it cannot, in the resolver.
const GRACE: Duration = Duration::from_millis(50);
/// A person has less than a kilobyte.
const BODY_LIMIT: u64 = 64 * 1024;
/// Shorter than the 10 seconds after which person closes an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(8);

struct Lookup {
    id: Id,
    caller: Arc<Caller>,
    traceparent: String,
    /// Given back when the lookup is done, also where its caller has gone away.
    turn: OwnedSemaphorePermit,
    /// The way to the thread that does it, for the next one.
    thread: SyncSender<Lookup>,
    reply: oneshot::Sender<(Outcome, Option<u16>)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    outcome: &'static str,
}

/// The threads that ask person.
pub struct PersonClient {
    turns: Arc<Semaphore>,
    places: Semaphore,
    idle: Idle,
    outcomes: Family<Label, Counter>,
    seconds: Histogram,
}

/// The threads without work, the last one used first: its connection is the freshest. `None` once the client is
/// dropped.
type Idle = Arc<Mutex<Option<Vec<SyncSender<Lookup>>>>>;

impl fmt::Debug for PersonClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonClient")
    }
}

impl PersonClient {
    /// Starts the threads; `url` is where person answers, e.g. `http://127.0.0.1:5001`.
    ///
    /// # Errors
    /// A sentence, where the system gives no thread.
    pub fn start(url: &str, metrics: &mut Metrics) -> Result<Self, String> {
        let (outcomes, seconds) = (Family::default(), histogram());
        metrics.register("person_lookups", "Lookups of a person, by outcome", outcomes.clone());
        metrics.register(
            "person_lookup_seconds",
            "For person to answer, the wait for a turn left out",
            seconds.clone(),
        );
        let idle: Idle = Arc::new(Mutex::new(Some(Vec::with_capacity(AT_ONCE))));
        let addresses = Arc::new(Addresses::default());
        for _ in 0..AT_ONCE {
            let (sender, lookups) = sync_channel(1);
            let asker = Asker::new(url, Arc::clone(&addresses));
            let pool = Arc::clone(&idle);
            thread::Builder::new()
                .name("lookup".to_owned())
                .stack_size(256 * 1024)
                .spawn(move || asker.work(&lookups, &pool))
                .map_err(|error| format!("cannot start a lookup thread: {error}"))?;
            put_back(&idle, sender);
        }
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        Ok(Self { turns, places: Semaphore::new(AT_ONCE + WAITING), idle, outcomes, seconds })
    }

    /// Goes on only if person says that this person exists and the caller may see them.
    ///
    /// # Errors
    /// What health answers instead, one problem for each way in which person may answer or fail to.
    pub async fn must_exist(&self, id: Id, request: &mut Request) -> Result<(), Problem> {
        let busy = || Problem::too_busy("Too many lookups of persons are waiting.");
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = timeout(TIME_LIMIT, Arc::clone(&self.turns).acquire_owned()).await.map_err(|_| busy())?;
        let turn = turn.map_err(Problem::internal)?;

        let start = Instant::now();
        let (reply, answer) = oneshot::channel();
        let (caller, traceparent) = (Arc::clone(request.caller()), request.traceparent().to_owned());
        let thread = self.idle_thread()?;
        let lookup = Lookup { id, caller, traceparent, turn, thread: thread.clone(), reply };
        thread.try_send(lookup).map_err(|_| Problem::internal("a lookup thread has ended"))?;
        let (outcome, status) = match timeout(TIME_LIMIT + GRACE, answer).await {
            Ok(answer) => answer.map_err(|_| Problem::internal("a lookup thread panicked"))?,
            Err(_) => (Outcome::Late, None),
        };
        let said = status.map_or_else(|| outcome.name().to_owned(), |status| status.to_string());
        request.timed("person", start, Some(&format!("GET /persons/{id} {said}")));
        self.seconds.observe(start.elapsed().as_secs_f64());
        self.outcomes.get_or_create(&Label { outcome: outcome.name() }).inc();
        outcome.into_result(status)
    }

    /// There are as many threads as turns, and each is back before it gives its turn up.
    fn idle_thread(&self) -> Result<SyncSender<Lookup>, Problem> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.as_mut().and_then(Vec::pop).ok_or_else(|| Problem::internal("no lookup thread is left"))
    }
}

impl Drop for PersonClient {
    fn drop(&mut self) {
        // Each thread ends when the sender to it is gone; a busy one finds no place to put it back.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn put_back(idle: &Idle, sender: SyncSender<Lookup>) {
    if let Some(idle) = idle.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        idle.push(sender);
    }
}

/// One thread's means of asking.
struct Asker {
    url: String,
    agent: Agent,
    seen: Arc<Seen>,
    addresses: Arc<Addresses>,
}

impl Asker {
    fn new(url: &str, addresses: Arc<Addresses>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent("health")
            .accept("application/json")
            .timeout_global(Some(TIME_LIMIT))
            .max_idle_age(IDLE_LIMIT)
            .max_idle_connections(1)
            .input_buffer_size(16 * 1024)
            .output_buffer_size(8 * 1024)
            .build();
        let seen = Arc::new(Seen::default());
        let agent = transport::agent(config, Arc::clone(&addresses), Arc::clone(&seen));
        Self { url: url.to_owned(), agent, seen, addresses }
    }

    fn work(&self, lookups: &Receiver<Lookup>, idle: &Idle) {
        while let Ok(Lookup { id, caller, traceparent, turn, thread, reply }) = lookups.recv() {
            // A thread that is lost would be missed; ureq panics where the system gives it no thread to resolve on.
            let answer = catch_unwind(AssertUnwindSafe(|| self.ask(id, &caller.token, &traceparent)));
            let answer = answer.unwrap_or((Outcome::Unreachable, None));
            // Before the turn is free: whoever takes it finds this thread.
            put_back(idle, thread);
            drop(turn);
            // A caller that has gone away wants no answer.
            let _ = reply.send(answer);
        }
    }

    fn ask(&self, id: Id, token: &str, traceparent: &str) -> (Outcome, Option<u16>) {
        let deadline = Instant::now() + TIME_LIMIT;
        let mut answer = self.ask_once(id, token, traceparent, None);
        // Person may close an idle connection just as it is used again; nothing was asked then.
        if answer.0 == Outcome::Unreachable && self.seen.used_an_old_connection() {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            answer = self.ask_once(id, token, traceparent, Some(left));
        }
        if matches!(answer.0, Outcome::Unreachable | Outcome::Late) {
            self.addresses.forget();
        }
        answer
    }

    /// `left` is for a second try: to say so for every call would copy all of ureq's configuration.
    fn ask_once(
        &self,
        id: Id,
        token: &str,
        traceparent: &str,
        left: Option<Duration>,
    ) -> (Outcome, Option<u16>) {
        self.seen.reset();
        let mut request = self
            .agent
            .get(format!("{}/persons/{id}", self.url))
            .header("authorization", format!("Bearer {token}"))
            .header("traceparent", traceparent);
        if left.is_some() {
            request = request.config().timeout_global(left).build();
        }
        let called = request.call();
        let mut status = None;
        let read = called.and_then(|answer| {
            let (head, mut body) = answer.into_parts();
            status = Some(head.status.as_u16());
            // To its end whatever the status: only then can the connection serve again.
            body.with_config().limit(BODY_LIMIT).read_to_vec()
        });
        let outcome = match (read, status) {
            (Ok(body), Some(200)) if is_person(&body, id) => Outcome::Exists,
            (Ok(_), Some(404)) => Outcome::Missing,
            (Ok(_), Some(401)) => Outcome::Unauthorized,
            (Ok(_), Some(403)) => Outcome::Forbidden,
            (Ok(_), Some(503)) => Outcome::Unreachable,
            (Ok(_), _) => Outcome::Broken,
            (Err(ureq::Error::Timeout(_)), _) => Outcome::Late,
            (Err(error), _) => {
                let answered = self.seen.answered.load(Ordering::Relaxed);
                tracing::debug!(service = "health", %error, answered, "a lookup failed");
                if answered { Outcome::Broken } else { Outcome::Unreachable }
            }
        };
        (outcome, status)
    }
}

/// Whether this is the person who was asked for: an object with that id and a name.
fn is_person(body: &[u8], id: Id) -> bool {
    let person: Value = serde_json::from_slice(body).unwrap_or_default();
    person["id"].as_i64() == Some(id.get()) && person["name"].is_string()
}
