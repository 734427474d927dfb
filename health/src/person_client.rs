//! Asks person before every operation: does this person exist, and may the caller see them? No answer is cached,
//! shared between requests or guessed.
//!
//! ureq blocks, so lookups run on separate threads, and each thread keeps one connection. Requests wait for their turn on
//! the async side, where waiting costs nothing.

mod outcome;
mod queue;
mod transport;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chassis::{Caller, Context, Problem};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};
use storage::{Id, Registry, latency_histogram};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;
use ureq::Agent;

use crate::identity::Identity;
use crate::store::Store;

use outcome::{Answer, Outcome};
use queue::{Lookup, Queue};
use transport::{AddressCache, ConnectionTrace};

/// Lookups at once: one for each connection of the usual load, and person answers in well under a millisecond.
const THREADS: usize = 64;
/// Lookups that wait for a thread. More of them would exceed the time limit anyway.
const WAITING: usize = 256;
/// How long a lookup waits before it wakes another thread: most are answered sooner.
const PATIENCE: Duration = Duration::from_millis(1);
/// The time limit for a thread to take the lookup, and again for the whole response.
const TIME_LIMIT: Duration = Duration::from_secs(1);
/// The lookup thread enforces the time limit itself, except in the resolver; this margin covers that case.
const GRACE: Duration = Duration::from_millis(50);
/// A person takes less than a kilobyte.
const BODY_LIMIT: u64 = 64 * 1024;
/// Shorter than the 10 seconds after which person closes an idle connection.
const IDLE_LIMIT: Duration = Duration::from_secs(8);

/// What person is asked, on whose behalf, as part of which trace.
struct Question {
    id: Id,
    caller: Arc<Caller>,
    traceparent: String,
    tracestate: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    outcome: &'static str,
}

/// A pool of threads that ask person.
pub struct PersonClient {
    /// For lookups at work and waiting together.
    places: Semaphore,
    queue: Arc<Queue>,
    outcomes: Family<Label, Counter>,
    seconds: Histogram,
}

impl fmt::Debug for PersonClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonClient")
    }
}

impl PersonClient {
    /// Starts the threads. `url` is the URL of the person service, e.g. `http://127.0.0.1:5001`.
    ///
    /// # Errors
    /// Returns an error message for the operator if a thread cannot be started.
    pub fn start(url: &str, registry: &mut Registry) -> anyhow::Result<Self> {
        let (outcomes, seconds) = (Family::default(), latency_histogram());
        registry.register("person_lookups", "Lookups of a person, by outcome", outcomes.clone());
        registry.register(
            "person_lookup_seconds",
            "Response time of the person service, without the wait for a thread",
            seconds.clone(),
        );
        let queue = Arc::new(Queue::default());
        let addresses = Arc::new(AddressCache::default());
        for _ in 0..THREADS {
            let (worker, queue) = (LookupWorker::new(url, Arc::clone(&addresses)), Arc::clone(&queue));
            thread::Builder::new()
                .name("lookup".to_owned())
                .stack_size(256 * 1024)
                .spawn(move || worker.work(&queue))
                .context("cannot start a lookup thread")?;
        }
        Ok(Self { places: Semaphore::new(THREADS + WAITING), queue, outcomes, seconds })
    }

    /// Asks person; succeeds only if this person exists, the caller may see them, and the answer comes from the database
    /// that the records in the store belong to. Returns the identity of that database.
    ///
    /// # Errors
    /// Returns the problem that health answers instead: one for each way in which person can refuse or fail.
    pub(crate) async fn must_exist(
        &self,
        id: Id,
        store: &Store,
        context: &mut Context,
    ) -> Result<Identity, Problem> {
        let question = Question {
            id,
            caller: Arc::clone(context.caller()?),
            traceparent: context.traceparent().to_owned(),
            tracestate: context.tracestate().map(str::to_owned),
        };
        context.asking("person", "GET /persons/{id}");
        let asked = self.ask(question).await;
        if asked.is_err() {
            context.asked(Some("not asked"));
        }
        let (start, mut answer) = asked?;
        let result =
            answer.status.map_or_else(|| answer.outcome.name().to_owned(), |status| status.to_string());
        context.asked(Some(&result));
        context.timed("person", start, Some(&format!("GET /persons/{id} {result}")));
        self.seconds.observe(start.elapsed().as_secs_f64());
        // Before the answer is believed: in another database the same id, known or not, is another person.
        if answer.depends_on_the_database() && store.recognize(&answer.identity).await?.is_err() {
            answer.outcome = Outcome::Replaced;
        }
        self.outcomes.get_or_create(&Label { outcome: answer.outcome.name() }).inc();
        answer.into_result()
    }

    /// Lets a thread ask. Also returns the time when the thread began.
    async fn ask(&self, question: Question) -> Result<(Instant, Answer), Problem> {
        let busy = || Problem::too_busy("Too many lookups of persons are waiting.");
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let (begun, begins) = oneshot::channel();
        let (reply, mut answers) = oneshot::channel();
        let pushed = Instant::now();
        self.queue.push(Lookup { question, begun, reply });
        // Mostly this is the only wait.
        let early = timeout(PATIENCE, &mut answers).await;
        if early.is_err() {
            self.queue.hurry();
        }
        let ended = |_| Problem::internal("a lookup thread has ended");
        let turn = timeout(TIME_LIMIT.saturating_sub(pushed.elapsed()), begins).await;
        let start = turn.map_err(|_| busy())?.map_err(ended)?;
        let answered = match early {
            Ok(answered) => Ok(answered),
            Err(_) => timeout((TIME_LIMIT + GRACE).saturating_sub(start.elapsed()), answers).await,
        };
        let answer = match answered {
            Ok(answer) => answer.map_err(ended)?,
            Err(_) => Outcome::Timeout.into(),
        };
        Ok((start, answer))
    }
}

impl Drop for PersonClient {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// The state of one lookup thread.
struct LookupWorker {
    url: String,
    agent: Agent,
    trace: Arc<ConnectionTrace>,
    addresses: Arc<AddressCache>,
}

impl LookupWorker {
    fn new(url: &str, addresses: Arc<AddressCache>) -> Self {
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
        let trace = Arc::new(ConnectionTrace::default());
        let agent = transport::agent(config, Arc::clone(&addresses), Arc::clone(&trace));
        Self { url: url.to_owned(), agent, trace, addresses }
    }

    fn work(&self, queue: &Queue) {
        while let Some(Lookup { question, begun, reply }) = queue.next() {
            if begun.send(Instant::now()).is_err() {
                // Its request no longer waits.
                continue;
            }
            // The pool must not lose a thread: ureq panics if the system has no thread for its resolver.
            let answer = catch_unwind(AssertUnwindSafe(|| self.ask(&question)));
            let answer = answer.unwrap_or(Outcome::Unreachable.into());
            // Fails if the caller has disconnected.
            let _ = reply.send(answer);
        }
    }

    /// Asks person.
    fn ask(&self, question: &Question) -> Answer {
        let deadline = Instant::now() + TIME_LIMIT;
        let mut answer = self.ask_once(question, None);
        // Person may close an idle connection just as health reuses it. Then it has not seen the request.
        if answer.outcome == Outcome::Unreachable && self.trace.failed_on_reused_connection() {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            answer = self.ask_once(question, Some(left));
        }
        if matches!(answer.outcome, Outcome::Unreachable | Outcome::Timeout) {
            self.addresses.clear();
        }
        answer
    }

    /// Sends one request. `left` is the time limit of a retry; a limit for each call would copy ureq's whole configuration each time.
    fn ask_once(&self, question: &Question, left: Option<Duration>) -> Answer {
        let Question { id, caller, traceparent, tracestate } = question;
        self.trace.reset();
        let mut request = self
            .agent
            .get(format!("{}/persons/{id}", self.url))
            .header("authorization", format!("Bearer {}", caller.token))
            .header("traceparent", traceparent);
        if let Some(tracestate) = tracestate {
            request = request.header("tracestate", tracestate);
        }
        if left.is_some() {
            request = request.config().timeout_global(left).build();
        }
        let mut seen = None;
        let body = request.call().and_then(|response| {
            let (head, mut body) = response.into_parts();
            seen = Some((head.status.as_u16(), Identity::of(&head.headers)));
            // To the end, whatever the status: only then can the connection be reused.
            body.with_config().limit(BODY_LIMIT).read_to_vec()
        });
        let status = seen.as_ref().map(|(status, _)| *status);
        let failed = |outcome| Answer { status, ..Answer::from(outcome) };
        match (body, seen) {
            (Ok(body), Some((status, Some(identity)))) => {
                Answer { outcome: Outcome::of(status, &body, *id), status: Some(status), identity }
            }
            (Ok(_), _) => failed(Outcome::InvalidResponse),
            (Err(ureq::Error::Timeout(_)), _) => failed(Outcome::Timeout),
            (Err(ureq::Error::Io(error)), None) if is_shortage(&error) => failed(Outcome::NoDescriptor),
            (Err(error), _) => {
                let answered = self.trace.answered.load(Ordering::Relaxed);
                tracing::debug!(service = "health", %error, answered, "a lookup failed");
                failed(if answered { Outcome::InvalidResponse } else { Outcome::Unreachable })
            }
        }
    }
}

/// Returns whether this process, or the machine, has as many files open as it may: no fault of person's.
fn is_shortage(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}
