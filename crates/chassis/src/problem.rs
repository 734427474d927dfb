//! Errors as callers see them: RFC 9457 problem details, each with a page that teaches how to mend it.

use std::borrow::Cow;

use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;

use crate::fields::Faults;
use crate::reply::Reply;

/// One entry of the catalogue of problems: what `type` points to and what `GET /problems/<slug>` says.
#[derive(Debug)]
pub struct Kind {
    /// The last segment of the problem's `type`, never changed once published.
    pub slug: &'static str,
    /// The HTTP status that the problem is answered with.
    pub status: u16,
    /// A short summary, the same for every occurrence.
    pub title: &'static str,
    /// What it means and how to mend it, in plain text.
    pub help: &'static str,
}

/// One occurrence of a problem: a status, a stable type, a public sentence and a private cause.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    faults: Option<Faults>,
    cause: Option<String>,
}

impl Problem {
    /// A problem of this kind; `detail` is read by the caller and must say nothing of the inside.
    pub fn new(kind: &'static Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), headers: Vec::new(), faults: None, cause: None }
    }

    /// Adds what really happened, for the log only.
    #[must_use]
    pub fn because(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Asks the caller to come back after this many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Ends the connection after the answer: what follows on it cannot be trusted, or will not be read.
    #[must_use]
    pub fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// A failure nobody foresaw: the caller learns nothing but the trace id, the log has the cause.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(
            &INTERNAL,
            "Something went wrong in the service; its log has the cause under this trace id.",
        )
        .because(cause)
    }

    /// The service has as much to do as it may hold.
    pub fn too_busy(what: &'static str) -> Self {
        Self::new(&TOO_BUSY, what).retry_after(1)
    }

    /// The disk is full; nothing was written.
    pub fn disk_full(cause: impl ToString) -> Self {
        Self::new(&DISK_FULL, "There is no room left on the disk; nothing was changed.").because(cause)
    }

    /// A token that is good, but not for this.
    pub fn insufficient_scope(detail: &'static str) -> Self {
        Self::new(&INSUFFICIENT_SCOPE, detail).header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"mini-projet\", error=\"insufficient_scope\""),
        )
    }

    pub(crate) fn missing_token() -> Self {
        Self::new(&MISSING_TOKEN, "Send a token of POST /login: `Authorization: Bearer <token>`.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mini-projet\""))
    }

    /// A token that is not good; `reason` goes into a quoted string: no quote, no backslash.
    pub fn invalid_token(reason: &'static str) -> Self {
        let challenge =
            format!("Bearer realm=\"mini-projet\", error=\"invalid_token\", error_description=\"{reason}\"");
        let challenge = HeaderValue::try_from(challenge).expect("the reasons are printable ASCII");
        Self::new(&INVALID_TOKEN, format!("The token was not accepted: {reason}."))
            .header(header::WWW_AUTHENTICATE, challenge)
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let allowed = HeaderValue::try_from(allow).expect("method names are printable ASCII");
        let allow = if allow.is_empty() { "nothing of that kind" } else { allow };
        Self::new(&METHOD_NOT_ALLOWED, format!("What is allowed here: {allow}."))
            .header(header::ALLOW, allowed)
    }

    /// What is answered with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).expect("the catalogue holds valid statuses")
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The one place where a problem becomes bytes. `instance` is the path asked for.
    pub(crate) fn into_reply(self, instance: &str, trace_id: &str) -> Reply {
        let body = Document {
            r#type: format!("/problems/{}", self.kind.slug),
            title: self.kind.title,
            status: self.kind.status,
            detail: &self.detail,
            instance,
            trace_id,
            errors: self.faults.as_ref(),
        };
        let reply = Reply::json(self.status(), &body).content_type("application/problem+json");
        self.headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

/// The members of RFC 9457 section 3.1, and two of our own.
#[derive(Serialize)]
struct Document<'p> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'p str,
    instance: &'p str,
    trace_id: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'p Faults>,
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let mut problem =
            Self::new(&INVALID_FIELDS, "The body is JSON, but not what is asked for: see `errors`.");
        problem.faults = Some(faults);
        problem
    }
}

/// `/readyz` says that the service cannot do its work now.
pub(crate) fn not_ready(missing: &str) -> Problem {
    Problem::new(&NOT_READY, format!("The service is not ready: {missing}.")).retry_after(1)
}

macro_rules! catalogue {
    ($($name:ident = $status:literal $slug:literal, $title:literal, $help:literal;)*) => {
        $(pub(crate) static $name: Kind = Kind { slug: $slug, status: $status, title: $title, help: $help };)*
        /// The problems that every service can answer with.
        pub(crate) static CATALOGUE: &[&Kind] = &[$(&$name),*];
    };
}

catalogue! {
    BAD_REQUEST = 400 "bad-request", "The request is not good HTTP",
        "HTTP/1.1 wants the Host header exactly once. Any HTTP client sends it; a hand-written request must too.";
    BAD_QUERY = 400 "bad-query", "A query parameter is wrong",
        "The parameter named in `detail` is unknown here, given twice, or out of its range.\n\
         GET /openapi.json lists the parameters of each route.";
    MALFORMED_JSON = 400 "malformed-json", "The body is not a JSON object",
        "The body must be one JSON object in UTF-8, without a byte order mark, nested at most 16 deep.\n\
         Paste it into `jq .` to see where it breaks. In a shell, quote it: -d '{\"name\":\"Ada\"}'.";
    MISSING_TOKEN = 401 "missing-token", "A token is needed",
        "Register and log in at the auth service, then send what POST /login gave as access_token:\n\
         curl -H \"Authorization: Bearer $TOKEN\" ...";
    INVALID_TOKEN = 401 "invalid-token", "The token is not valid",
        "Tokens live for 15 minutes: log in again. `detail` says what was wrong with this one.\n\
         The header is `Authorization: Bearer <token>`, once, with one space.";
    INSUFFICIENT_SCOPE = 403 "insufficient-scope", "The token does not give this right",
        "The token is good, but what was asked for belongs to somebody else, or to another role.\n\
         Its owner and the administrators may see and change it.";
    NO_SUCH_ROUTE = 404 "no-such-route", "There is nothing at this path",
        "The service has no such path. GET / links to what there is, GET /openapi.json lists every route.\n\
         A trailing slash, a doubled slash and an escaped character make another path.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed", "This path does not answer that method",
        "The `Allow` header of the answer lists the methods that it does answer.";
    BODY_TIMEOUT = 408 "body-timeout", "The body took too long",
        "A whole body must arrive within 10 seconds.";
    PRECONDITION_FAILED = 412 "precondition-failed", "Somebody else changed it first",
        "The `If-Match` header names another version than the one that is stored.\n\
         GET it again, look at what changed, and send your change with the new ETag.";
    BODY_TOO_LARGE = 413 "body-too-large", "The body is too large",
        "A body may hold 64 KiB.";
    TARGET_TOO_LONG = 414 "target-too-long", "The path is too long",
        "Path and query together may hold 2,048 bytes.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type", "The body is not of a type that is read here",
        "Name the type of the body in a header. With curl: -H 'Content-Type: application/json'\n\
         (curl's -d alone says application/x-www-form-urlencoded; --json says the right thing).";
    INVALID_FIELDS = 422 "invalid-fields", "The body's fields are wrong",
        "`errors` lists every field that is wrong, missing, unknown or given twice, each with a JSON pointer\n\
         (RFC 6901) to it. Mend them all and send the body again.";
    INTERNAL = 500 "internal", "Something went wrong in the service",
        "It is not your fault. The service's log has the cause: search it for the trace_id of the answer.";
    NOT_READY = 503 "not-ready", "The service is not ready",
        "It runs, but cannot do its work now; `detail` says what is missing. Try again in a moment.";
    TOO_BUSY = 503 "too-busy", "The service is too busy",
        "It holds as much work as it may. Nothing was changed; try again after `Retry-After` seconds.";
    TIMED_OUT = 503 "timed-out", "The service took too long",
        "It gave up after 5 seconds. A change may or may not have been made: look before trying again.";
    DISK_FULL = 507 "disk-full", "The disk is full",
        "Nothing was changed, and reading still works. Writing will work again once there is room.";
}
