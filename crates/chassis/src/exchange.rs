//! The life of one request: from its head to its answer, with the same order of checks everywhere: path (404), method
//! (405, OPTIONS), token (401, 403), query (400), body (415, 413, 400, 422), then the service's handler.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use daemon::Shutdown;
use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio::time::timeout;

use crate::body::{ACCEPT_PATCH, accept_patch, drain, read_fields};
use crate::caller::{TokenCache, authenticate};
use crate::conditional::Precondition;
use crate::idempotency::IdempotencyKey;
use crate::live::Live;
use crate::lookup::{Match, find, no_such_route};
use crate::problem::{self, OUTCOME_UNKNOWN, Problem, TIMED_OUT};
use crate::query::Query;
use crate::reply::ReplyBody;
use crate::route::{Input, Line};
use crate::service::{Manifest, Service};
use crate::trace::{SERVER_TIMING, TRACEPARENT, Timing, Trace};
use crate::{Context, Reply, common, cors, head};

/// Longer than the longest waits inside (a second for a permit and one for an answer; two in the queue of hashes),
/// shorter than a caller's patience.
const HANDLER_LIMIT: Duration = Duration::from_secs(5);

/// Says for how long the connection may be idle: the same time as `HEAD_TIME_LIMIT` of the server.
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Answers the requests of one service.
pub(crate) struct Exchange<S: Service> {
    pub(crate) service: S,
    pub(crate) manifest: Manifest<S::Call>,
    pub(crate) live: Live,
    pub(crate) shutdown: Shutdown,
}

/// A request on its way through the checks.
struct Arrival {
    head: Parts,
    body: Incoming,
    context: Context,
    /// The line of the routing table that matched.
    line: Option<&'static Line>,
}

impl<S: Service> Exchange<S> {
    /// Answers one request; every failure becomes an answer too. It is no `async fn`: the future of one would keep
    /// `incoming` beside its parts, and hyper copies the future.
    pub(crate) fn answer(
        self: Arc<Self>,
        incoming: hyper::Request<Incoming>,
        peer: IpAddr,
        tokens: Arc<TokenCache>,
    ) -> impl Future<Output = Result<Response<ReplyBody>, Infallible>> + Send {
        let started = Instant::now();
        let in_flight = self.manifest.metrics.enter();
        let (head, body) = incoming.into_parts();
        let trace = Trace::of(&head.headers);
        let context =
            Context { peer, caller: None, trace, timing: Timing::default(), writing: false, followed: None };
        let mut arrival = Arrival { head, body, context, line: None };
        async move {
            let outcome = catch_panic(pin!(self.process(&mut arrival, &tokens))).await;
            let outcome = outcome.unwrap_or_else(|panic| Err(Problem::internal(panic)));
            let response = self.finish(outcome, arrival, started.elapsed());
            drop(in_flight);
            Ok(response)
        }
    }

    async fn process(&self, arrival: &mut Arrival, tokens: &TokenCache) -> Result<Reply, Problem> {
        head::check(&arrival.head)?;
        // RFC 9110 section 9.3.7: the question is about the server, not about a path.
        if arrival.head.method == Method::OPTIONS && arrival.head.uri.path() == "*" {
            return Ok(Reply::empty(StatusCode::NO_CONTENT));
        }
        // A cheap clone: a URI shares its bytes.
        let (method, uri) = (arrival.head.method.clone(), arrival.head.uri.clone());
        let Some(found) = find(self.manifest.routes, &method, uri.path()) else {
            let mut tables = common::tables(&self.manifest.settings);
            let found = tables.find_map(|table| find(table, &method, uri.path()));
            return match self.admit(found.ok_or_else(no_such_route)??, arrival, tokens).await? {
                ControlFlow::Continue(call) => common::answer(call, &arrival.head.headers, self),
                ControlFlow::Break(reply) => Ok(reply),
            };
        };
        let call = match self.admit(found?, arrival, tokens).await? {
            ControlFlow::Continue(call) => call,
            ControlFlow::Break(reply) => return Ok(reply),
        };
        let handled = timeout(HANDLER_LIMIT, self.service.handle(call, &mut arrival.context)).await;
        let outcome = handled.unwrap_or_else(|_| Err(out_of_time(&arrival.context)));
        let status = outcome.as_ref().map_or_else(Problem::status, Reply::status);
        debug_assert!(
            arrival.line.is_some_and(|line| line.statuses().contains(&status.as_u16())),
            "the routing table does not list {status} for {:?}",
            arrival.line
        );
        outcome
    }

    /// Checks token, query and body, and makes the call; breaks with the answer to OPTIONS.
    async fn admit<C>(
        &self,
        found: Match<'_, C>,
        arrival: &mut Arrival,
        tokens: &TokenCache,
    ) -> Result<ControlFlow<Reply, C>, Problem> {
        let (route, segment) = match found {
            Match::Route(route, segment) => (route, segment),
            Match::OtherMethod(route, allow) => {
                self.matched(&route.line, arrival);
                if arrival.head.method != Method::OPTIONS {
                    return Err(Problem::method_not_allowed(&allow));
                }
                let patches = allow.contains("PATCH");
                let allow = HeaderValue::try_from(allow).expect("method names are printable ASCII");
                let reply = Reply::empty(StatusCode::NO_CONTENT).header(header::ALLOW, allow);
                let reply = if patches { reply.header(ACCEPT_PATCH, accept_patch()) } else { reply };
                return Ok(ControlFlow::Break(reply));
            }
        };
        let Manifest { keys, name, .. } = &self.manifest;
        self.matched(&route.line, arrival);
        let (line, headers) = (&route.line, &arrival.head.headers);
        arrival.context.caller = authenticate(keys, name, line.access, headers, tokens)?;
        let input = Input {
            segment,
            query: Query::parse(arrival.head.uri.query().unwrap_or_default(), line.query)?,
            idempotency_key: if line.repeatable { IdempotencyKey::parse(headers)? } else { None },
            body: read_fields(line.body, headers, &mut arrival.body).await?,
            precondition: Precondition::parse(headers),
        };
        let call = route.parse(input)?;
        if let Some(followed) = &mut arrival.context.followed {
            followed.admitted();
        }
        Ok(ControlFlow::Continue(call))
    }

    /// The request has matched a line of the routing table.
    fn matched(&self, line: &'static Line, arrival: &mut Arrival) {
        arrival.line = Some(line);
        arrival.context.followed = self.live.follow(Some(line), &arrival.head.method, &arrival.context.trace);
    }

    /// Completes the answer, counts and logs it.
    fn finish(
        &self,
        outcome: Result<Reply, Problem>,
        mut arrival: Arrival,
        took: Duration,
    ) -> Response<ReplyBody> {
        let reply = outcome.unwrap_or_else(|problem| self.render(problem, &arrival));
        self.record(&arrival, reply.status(), took);
        let Context { followed, trace, .. } = &mut arrival.context;
        let followed =
            self.live.answered(followed, arrival.line, &arrival.head.method, trace, reply.status());
        let has_unread_body = !arrival.body.is_end_stream();
        let mut response =
            with_standard_headers(reply, &arrival.head, has_unread_body, arrival.context, took);
        cors::add_headers(
            &self.manifest.settings.allowed_origins,
            &arrival.head.headers,
            response.headers_mut(),
        );
        if let Some(followed) = followed {
            followed.end(&response, took);
        }
        if has_unread_body {
            tokio::spawn(drain(arrival.body));
        }
        response
    }

    /// Turns a problem into an answer and logs its cause.
    fn render(&self, mut problem: Problem, arrival: &Arrival) -> Reply {
        // The page of a type that is in no list would be missing: in a debug build the tests find it.
        let mut types = self.manifest.problems.iter().chain(problem::CATALOGUE);
        if cfg!(debug_assertions) && !types.any(|listed| listed.slug == problem.slug()) {
            let cause = problem.cause().unwrap_or("no cause");
            problem = Problem::internal(format!("TYPES in problems.rs lacks `{}` ({cause})", problem.slug()));
        }
        let trace_id = arrival.context.trace.id();
        if let Some(cause) = problem.cause() {
            let (service, status) = (self.manifest.name, problem.status().as_u16());
            if problem.status().is_server_error() {
                tracing::error!(service, status, trace_id, cause, "failed");
            } else {
                tracing::debug!(service, status, trace_id, cause, "refused");
            }
        }
        problem.into_reply(arrival.head.uri.path(), trace_id)
    }

    /// Counts and logs an answer.
    fn record(&self, arrival: &Arrival, status: StatusCode, took: Duration) {
        let (method, status) = (&arrival.head.method, status.as_u16());
        let template = arrival.line.map_or("unmatched", |line| line.path);
        self.manifest.metrics.answered(method, template, status, took);
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    service = self.manifest.name,
                    method = method.as_str(),
                    path = arrival.head.uri.path(),
                    status,
                    duration_ms = took.as_micros() as f64 / 1000.0,
                    trace_id = arrival.context.trace.id(),
                    "answered"
                )
            };
        }
        if arrival.line.is_some_and(|line| line.routine) && status < 400 { log!(debug) } else { log!(info) }
    }
}

/// Returns the problem for a handler that ran out of time.
fn out_of_time(context: &Context) -> Problem {
    if context.writing {
        let detail = "The service stopped waiting after 5 seconds, and the change may still be made. Read before \
            you repeat the request, or repeat it with the same `Idempotency-Key` if it had one.";
        return Problem::new(&OUTCOME_UNKNOWN, detail);
    }
    let detail = "The service stopped the request after 5 seconds; nothing was changed.";
    Problem::new(&TIMED_OUT, detail).retry_after(1)
}

fn with_standard_headers(
    reply: Reply,
    head: &Parts,
    has_unread_body: bool,
    context: Context,
    took: Duration,
) -> Response<ReplyBody> {
    let mut response = reply.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let printable = |text: String| HeaderValue::try_from(text).expect("the text is printable ASCII");
    headers.insert(TRACEPARENT, printable(context.trace.into_traceparent()));
    headers.insert(SERVER_TIMING, printable(context.timing.header(took)));
    // The scanner looks at nothing behind a chunked body. And a client that asked whether to send its body may send it or
    // not: the next bytes could be either.
    let has_asked = has_unread_body && head.headers.contains_key(header::EXPECT);
    if has_asked || head.headers.contains_key(header::TRANSFER_ENCODING) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if !headers.contains_key(header::CONNECTION) {
        headers.insert(KEEP_ALIVE, HeaderValue::from_static("timeout=10"));
    }
    response
}

/// Awaits a future and turns a panic into its message.
async fn catch_panic<T>(mut future: Pin<&mut impl Future<Output = T>>) -> Result<T, String> {
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(message(&*panic))),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a handler panicked: {}", text.unwrap_or("(no message)"))
}
