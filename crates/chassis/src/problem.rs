//! Errors as callers see them: RFC 9457 problem details, each with a page that explains the fix.

use std::borrow::Cow;
use std::fmt::Display;

use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;
use storage::StoreError;

use crate::fields::FieldErrors;
use crate::reply::Reply;

/// A problem type: the target of a problem's `type`, and the content of `GET /problems/<slug>`.
#[derive(Debug)]
pub struct ProblemType {
    /// The last segment of the problem's `type`, never changed once published.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A short summary, the same for every occurrence.
    pub title: &'static str,
    /// The meaning and the fix, in plain text.
    pub help: &'static str,
}

/// One occurrence of a problem: a type, a public detail and a private cause.
#[derive(Debug)]
pub struct Problem {
    r#type: &'static ProblemType,
    detail: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    errors: Option<FieldErrors>,
    cause: Option<String>,
}

impl Problem {
    /// Returns a problem of this type. Callers read `detail`, so it must reveal nothing internal.
    pub fn new(r#type: &'static ProblemType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { r#type, detail: detail.into(), headers: Vec::new(), errors: None, cause: None }
    }

    /// Adds the cause, for the log only.
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

    /// Closes the connection after the answer, because its further bytes cannot be trusted or will not be read.
    #[must_use]
    pub fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Returns the problem for an unforeseen failure: the caller gets the trace id, the log the cause.
    pub fn internal(cause: impl ToString) -> Self {
        Self::new(&INTERNAL, "The service failed; its log has the cause under this trace id.").because(cause)
    }

    /// Returns the problem for a full queue.
    pub fn too_busy(detail: &'static str) -> Self {
        Self::new(&TOO_BUSY, detail).retry_after(1)
    }

    /// Returns the problem for a valid token without the required right.
    pub fn insufficient_scope(detail: &'static str) -> Self {
        Self::new(&INSUFFICIENT_SCOPE, detail).header(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"mini-projet\", error=\"insufficient_scope\""),
        )
    }

    /// Returns the problem for a query parameter that is not a whole number within this range.
    pub fn out_of_range(name: &str, low: impl Display, high: impl Display) -> Self {
        Self::new(&BAD_QUERY, format!("`{name}` must be a whole number from {low} to {high}."))
    }

    pub(crate) fn missing_token() -> Self {
        Self::new(&MISSING_TOKEN, "Send a token from POST /login: `Authorization: Bearer <token>`.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mini-projet\""))
    }

    /// Returns the problem for an invalid token; `reason` becomes a quoted string, so it holds no quote and no backslash.
    pub fn invalid_token(reason: &'static str) -> Self {
        let challenge =
            format!("Bearer realm=\"mini-projet\", error=\"invalid_token\", error_description=\"{reason}\"");
        let challenge = HeaderValue::try_from(challenge).expect("the reasons are printable ASCII");
        Self::new(&INVALID_TOKEN, format!("The token was not accepted: {reason}."))
            .header(header::WWW_AUTHENTICATE, challenge)
    }

    pub(crate) fn method_not_allowed(allow: &str) -> Self {
        let allowed = HeaderValue::try_from(allow).expect("method names are printable ASCII");
        let detail = match allow {
            "" => "No path answers this method.".to_owned(),
            _ => format!("Allowed here: {allow}."),
        };
        Self::new(&METHOD_NOT_ALLOWED, detail).header(header::ALLOW, allowed)
    }

    /// Returns the HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.r#type.status).expect("the catalogue holds valid statuses")
    }

    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// Renders the problem, the only place that does. `instance` is the path of the request.
    pub(crate) fn into_reply(self, instance: &str, trace_id: &str) -> Reply {
        let body = Document {
            r#type: format!("/problems/{}", self.r#type.slug),
            title: self.r#type.title,
            status: self.r#type.status,
            detail: &self.detail,
            instance,
            trace_id,
            errors: self.errors.as_ref(),
        };
        let reply = Reply::json(self.status(), &body).content_type("application/problem+json");
        self.headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

/// The members of RFC 9457 section 3.1, and two extensions.
#[derive(Serialize)]
struct Document<'p> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'p str,
    instance: &'p str,
    trace_id: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<&'p FieldErrors>,
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        let detail = "The body is JSON, but its fields are wrong: see `errors`.";
        Self { errors: Some(errors), ..Self::new(&INVALID_FIELDS, detail) }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(cause) => {
                Self::new(&DISK_FULL, "The disk is full; nothing was changed.").because(cause)
            }
            StoreError::Busy => Self::too_busy("Too many writes are waiting."),
            StoreError::Unreachable(cause) => not_ready("its database cannot be reached").because(cause),
            StoreError::Unsettled(cause) => {
                let detail = "The connection to the database broke during the change. Read before you repeat the \
                    request, or repeat it with the same `Idempotency-Key` if it had one.";
                Self::new(&OUTCOME_UNKNOWN, detail).because(cause)
            }
            StoreError::Unknown(cause) | StoreError::Failed(cause) => Self::internal(cause),
        }
    }
}

/// Returns the problem of `/readyz` for a service that cannot do its work now.
pub(crate) fn not_ready(missing: &str) -> Problem {
    Problem::new(&NOT_READY, format!("The service is not ready: {missing}.")).retry_after(1)
}

macro_rules! catalogue {
    ($($name:ident = $status:literal $slug:literal, $title:literal, $help:literal;)*) => {
        $(pub(crate) static $name: ProblemType = ProblemType { slug: $slug, status: $status, title: $title, help: $help };)*
        /// The problem types of every service.
        pub(crate) static CATALOGUE: &[&ProblemType] = &[$(&$name),*];
    };
}

catalogue! {
    BAD_REQUEST = 400 "bad-request", "The request is not valid HTTP",
        "HTTP/1.1 requires the Host header exactly once. HTTP clients send it; a hand-written request must too.";
    BAD_HEADER = 400 "bad-header", "A header is wrong",
        "The header named in `detail` is given more than once or has an invalid value. A good `Idempotency-Key` is a\n\
         random UUID, made once for each change and sent again with each repetition.";
    BAD_QUERY = 400 "bad-query", "A query parameter is wrong",
        "The parameter named in `detail` is unknown here, given twice, or out of its range.\n\
         GET /openapi.json lists the parameters of each route.";
    MALFORMED_JSON = 400 "malformed-json", "The body is not a JSON object",
        "The body must be one JSON object in UTF-8, without a byte order mark, nested at most 16 deep.\n\
         Paste it into `jq .` to find the error. In a shell, quote it: -d '{\"name\":\"Ada\"}'.";
    MISSING_TOKEN = 401 "missing-token", "A token is needed",
        "Register and log in at the auth service, then send the access_token from POST /login:\n\
         curl -H \"Authorization: Bearer $TOKEN\" ...";
    INVALID_TOKEN = 401 "invalid-token", "The token is not valid",
        "Tokens expire after 15 minutes: log in again. `detail` gives the reason.\n\
         The header is `Authorization: Bearer <token>`, once, with one space.";
    INSUFFICIENT_SCOPE = 403 "insufficient-scope", "The token does not give this right",
        "The token is valid, but the data belong to somebody else, or the route to another role.\n\
         The owner and the administrators may see and change data.";
    NO_SUCH_ROUTE = 404 "no-such-route", "There is no such path",
        "The service has no such path. GET / links to its paths, GET /openapi.json describes every route.\n\
         A trailing slash, a doubled slash and an escaped character make another path.";
    METHOD_NOT_ALLOWED = 405 "method-not-allowed", "This path does not answer that method",
        "The `Allow` header of the answer lists the methods of this path.";
    BODY_TIMEOUT = 408 "body-timeout", "The body took too long",
        "A whole body must arrive within 10 seconds.";
    PRECONDITION_FAILED = 412 "precondition-failed", "Somebody else changed it first",
        "`If-Match` names another version than the stored one, or `If-None-Match` the stored one (`*` is any version).\n\
         GET it again, look at the changes, and send your own with the new ETag.";
    BODY_TOO_LARGE = 413 "body-too-large", "The body is too large",
        "A body may hold 64 KiB.";
    TARGET_TOO_LONG = 414 "target-too-long", "The path is too long",
        "Path and query together may hold 2,048 bytes.";
    UNSUPPORTED_MEDIA_TYPE = 415 "unsupported-media-type", "The media type of the body is not accepted here",
        "Name the media type of the body in a header. With curl: -H 'Content-Type: application/json'\n\
         (curl's -d alone sends application/x-www-form-urlencoded; --json sends application/json).";
    INVALID_FIELDS = 422 "invalid-fields", "The body's fields are wrong",
        "`errors` lists every field that is wrong, missing, unknown or given twice, each with a JSON pointer\n\
         (RFC 6901). Fix them all and send the body again.";
    INTERNAL = 500 "internal", "The service failed",
        "The request is not at fault. Search the log of the service for the trace_id of the answer: it has the cause.";
    UNSUPPORTED_TRANSFER_CODING = 501 "unsupported-transfer-coding", "The transfer coding is not supported",
        "A body is sent with `Content-Length`, or with `Transfer-Encoding: chunked`, exactly once and without another\n\
         coding. HTTP clients do this by themselves.";
    NOT_READY = 503 "not-ready", "The service is not ready",
        "It runs, but cannot do its work now; `detail` gives the reason. Try again in a moment.";
    TOO_BUSY = 503 "too-busy", "The service is too busy",
        "Its queues are full. Nothing was changed; try again after `Retry-After` seconds.";
    TIMED_OUT = 503 "timed-out", "The service took too long",
        "It stopped the request after 5 seconds, before it began to change anything. Try again in a moment.";
    OUTCOME_UNKNOWN = 503 "outcome-unknown", "It is unknown whether the change was made",
        "The service passed the change on to its store and stopped waiting. It may be made or not: read before you\n\
         repeat the request. A request with an `Idempotency-Key` can be repeated with the same key at any time.";
    DISK_FULL = 507 "disk-full", "The disk is full",
        "Nothing was changed, and reads still work. Writes work again once there is room.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_error_becomes_the_problem_of_its_kind() {
        for (error, status) in [
            (StoreError::Full(String::new()), 507),
            (StoreError::Busy, 503),
            (StoreError::Unreachable(String::new()), 503),
            (StoreError::Unsettled(String::new()), 503),
            (StoreError::Unknown(String::new()), 500),
            (StoreError::Failed(String::new()), 500),
        ] {
            assert_eq!(Problem::from(error.clone()).status(), status, "{error:?}");
        }
    }
}
