//! The life of one request: from its head to its answer, in one order everywhere: path (404), method (405,
//! OPTIONS), token (401, 403), query and body (415, 413, 400, 422), then the service's own handler.

use std::any::Any;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::uri::Authority;
use hyper::{Method, Response, StatusCode, Uri};

use crate::caller::Passed;
use crate::metrics::Metrics;
use crate::problem::{BAD_REQUEST, Kind, Problem, TARGET_TOO_LONG, TIMED_OUT};
use crate::request::{drain, parse_query, read_fields};
use crate::route::{Body, Match, Route, find, no_such_route};
use crate::trace::{SERVER_TIMING, TRACEPARENT, Timing, Trace};
use daemon::Shutdown;
use token::Keys;

use crate::{Reply, Request, caller, common};

/// What makes one service different from the next.
pub trait Service: Send + Sync + 'static {
    /// A request that has a meaning here: the method and path, parsed.
    type Call: Send + 'static;

    /// Answers a call. The caller is known and the body read where the route says so.
    fn handle(
        &self,
        call: Self::Call,
        request: &mut Request,
    ) -> impl Future<Output = Result<Reply, Problem>> + Send;

    /// Whether it can do its work.
    ///
    /// # Errors
    /// What is missing, for the answer of `/readyz`.
    fn ready(&self) -> Result<(), String>;
}

/// What a service says of itself.
pub struct Manifest<C: 'static> {
    /// Its name: in `GET /`, in logs, and as the audience of tokens.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its routing table.
    pub routes: &'static [Route<C>],
    /// The kinds of problem that only it has.
    pub problems: &'static [&'static Kind],
    /// Its OpenAPI document.
    pub openapi: Bytes,
    /// What verifies tokens.
    pub keys: Keys,
    /// What it counts.
    pub metrics: Metrics,
}

/// A request target of ours has 40 bytes, and no proxy would carry a much longer one.
const TARGET_LIMIT: usize = 2048;
/// Longer than the longest waits inside (a second for a turn and one for an answer; two in the queue of hashes),
/// shorter than a caller's patience.
const HANDLER_LIMIT: Duration = Duration::from_secs(5);
/// The metrics label of what matched no route.
const UNMATCHED: &str = "unmatched";

/// What metrics and logs want to know of the route that a request found.
struct Matched {
    /// Its template, or [`UNMATCHED`].
    route: &'static str,
    /// Whether a machine asks for it every few seconds.
    routine: bool,
}

/// Answers the requests of one service.
pub(crate) struct Exchange<S: Service> {
    pub(crate) service: S,
    pub(crate) manifest: Manifest<S::Call>,
    pub(crate) shutdown: Shutdown,
}

impl<S: Service> Exchange<S> {
    /// Answers one request. Whatever goes wrong becomes an answer too.
    pub(crate) async fn answer(
        &self,
        incoming: hyper::Request<Incoming>,
        passed: &Passed,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let started = Instant::now();
        let _in_flight = self.manifest.metrics.enter();
        let (head, mut body) = incoming.into_parts();
        let mut request = Request {
            trace: Trace::of(&head.headers),
            headers: head.headers,
            query: Vec::new(),
            caller: None,
            fields: None,
            timing: Timing::default(),
        };
        let mut matched = Matched { route: UNMATCHED, routine: false };
        let process = self.process(&head.method, &head.uri, &mut request, &mut body, passed, &mut matched);
        let outcome = caught(process).await.unwrap_or_else(|panic| Err(Problem::internal(panic)));
        let reply = outcome.unwrap_or_else(|problem| {
            if let Some(cause) = problem.cause() {
                let (status, trace_id) = (problem.status().as_u16(), request.trace.id());
                if problem.status().is_server_error() {
                    tracing::error!(service = self.manifest.name, status, trace_id, cause, "failed");
                } else {
                    tracing::debug!(service = self.manifest.name, status, trace_id, cause, "refused");
                }
            }
            problem.into_reply(head.uri.path(), request.trace.id())
        });

        let took = started.elapsed();
        let status = reply.status().as_u16();
        self.manifest.metrics.answered(&head.method, matched.route, status, took);
        macro_rules! log {
            ($level:ident) => {
                tracing::$level!(
                    service = self.manifest.name,
                    method = head.method.as_str(),
                    path = head.uri.path(),
                    status,
                    duration_ms = took.as_secs_f64() * 1000.0,
                    trace_id = request.trace.id(),
                    "answered"
                )
            };
        }
        if matched.routine && status < 400 {
            log!(debug)
        } else {
            log!(info)
        }
        // A client that waits for `100 Continue` sends nothing more once it is answered.
        if !body.is_end_stream() && !request.headers.contains_key(header::EXPECT) {
            tokio::spawn(drain(body));
        }
        Ok(with_standard_headers(reply, request, took))
    }

    async fn process(
        &self,
        method: &Method,
        uri: &Uri,
        request: &mut Request,
        body: &mut Incoming,
        passed: &Passed,
        matched: &mut Matched,
    ) -> Result<Reply, Problem> {
        check_head(method, uri, &request.headers)?;
        if let Some(found) = find(self.manifest.routes, method, uri.path()) {
            match found? {
                Match::Other { template, allow } => other_method(method, template, &allow, matched),
                Match::Call(route, call) => {
                    *matched = Matched { route: route.path, routine: route.routine };
                    self.admit(route, uri, request, body, passed).await?;
                    let handled =
                        tokio::time::timeout(HANDLER_LIMIT, self.service.handle(call, request)).await;
                    let outcome = handled.unwrap_or_else(|_| {
                        Err(Problem::new(&TIMED_OUT, "The service gave up after 5 seconds.").retry_after(1))
                    });
                    debug_assert!(
                        route.statuses().contains(&status_of(&outcome).as_u16()),
                        "{route:?} answers {}, which its line in the table does not say",
                        status_of(&outcome)
                    );
                    outcome
                }
            }
        } else if let Some(found) = find(common::ROUTES, method, uri.path()) {
            match found? {
                Match::Other { template, allow } => other_method(method, template, &allow, matched),
                Match::Call(route, call) => {
                    *matched = Matched { route: route.path, routine: route.routine };
                    self.admit(route, uri, request, body, passed).await?;
                    common::answer(call, &self.service, &self.manifest, &self.shutdown)
                }
            }
        } else {
            Err(no_such_route())
        }
    }

    /// Lets a request in: the token, then the query, then the body.
    async fn admit<C>(
        &self,
        route: &Route<C>,
        uri: &Uri,
        request: &mut Request,
        body: &mut Incoming,
        passed: &Passed,
    ) -> Result<(), Problem> {
        let Manifest { keys, name, .. } = &self.manifest;
        request.caller = caller::authenticate(keys, name, route.access, &request.headers, passed)?;
        request.query = parse_query(uri.query().unwrap_or_default(), route.query)?;
        if route.body != Body::Nothing {
            request.fields = Some(read_fields(route.body, &request.headers, body).await?);
        }
        Ok(())
    }
}

fn check_head(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    if !matches!((hosts.next(), hosts.next()), (Some(host), None) if is_host(host)) {
        let detail = "The Host header must be there once, and hold a host and perhaps a port.";
        return Err(Problem::new(&BAD_REQUEST, detail).closing());
    }
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_LIMIT {
        return Err(Problem::new(&TARGET_TOO_LONG, "The request target is over 2,048 bytes.").closing());
    }
    if matches!(*method, Method::CONNECT | Method::TRACE) {
        return Err(Problem::method_not_allowed("").closing());
    }
    Ok(())
}

/// RFC 9112 section 3.2: whatever else stands there (a user, a path, two hosts), two servers in a row may read it
/// differently. Nothing may stand there, where the target names no host either.
fn is_host(value: &HeaderValue) -> bool {
    let authority = Authority::try_from(value.as_bytes());
    let port = |authority: &Authority| authority.as_str().strip_prefix(authority.host()).map(str::to_owned);
    value.is_empty()
        || authority.ok().as_ref().and_then(port).is_some_and(|port| {
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
        })
}

fn other_method(
    method: &Method,
    template: &'static str,
    allow: &str,
    matched: &mut Matched,
) -> Result<Reply, Problem> {
    matched.route = template;
    if method != Method::OPTIONS {
        return Err(Problem::method_not_allowed(allow));
    }
    let allow = HeaderValue::try_from(allow).expect("method names are printable ASCII");
    Ok(Reply::empty(StatusCode::NO_CONTENT).header(header::ALLOW, allow))
}

fn status_of(outcome: &Result<Reply, Problem>) -> StatusCode {
    match outcome {
        Ok(reply) => reply.status(),
        Err(problem) => problem.status(),
    }
}

fn with_standard_headers(reply: Reply, request: Request, took: Duration) -> Response<Full<Bytes>> {
    let mut response = reply.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let printable = |text: String| HeaderValue::try_from(text).expect("made of printable ASCII");
    headers.insert(TRACEPARENT, printable(request.trace.into_traceparent()));
    headers.insert(SERVER_TIMING, printable(request.timing.header(took)));
    // Where a chunked body ends is known to hyper alone, so `framing` cannot look at what follows it.
    if request.headers.contains_key(header::TRANSFER_ENCODING) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Awaits, and turns a panic into its message.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(message(&*panic))),
    })
    .await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a handler panicked: {}", text.unwrap_or("for no reason given"))
}
