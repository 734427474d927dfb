//! Errors as callers see them: RFC 9457 problem details, each with a page that explains the fix.

mod catalogue;

use std::borrow::Cow;
use std::fmt::Display;

use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use serde::Serialize;
use storage::StoreError;

use crate::fields::FieldErrors;
use crate::language::Language;
use crate::reply::Reply;

pub(crate) use catalogue::*;

/// A problem type: the target of a problem's `type`, and the content of `GET /problems/<slug>`.
#[derive(Debug)]
pub struct ProblemType {
    /// The last segment of the problem's `type`, never changed once published.
    pub slug: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A short summary in English, the same for every occurrence.
    pub title: &'static str,
    /// The meaning and the fix, in plain text.
    pub help: &'static str,
    /// The page in French. Problems themselves are in English.
    pub french: Translation,
}

/// The page of a problem type in another language.
#[derive(Debug, Clone, Copy)]
pub struct Translation {
    /// The title.
    pub title: &'static str,
    /// The meaning and the fix.
    pub help: &'static str,
}

impl ProblemType {
    /// Returns the line of the type in `GET /problems`.
    pub(crate) fn line(&self, language: Language) -> String {
        format!("/problems/{:<24} {} {}\n", self.slug, self.status, self.page(language).title)
    }

    /// Returns the answer to `GET /problems/<slug>`.
    pub(crate) fn text(&self, language: Language) -> String {
        let Translation { title, help } = self.page(language);
        format!("{title} ({})\n\n{help}\n", self.status)
    }

    fn page(&self, language: Language) -> Translation {
        match language {
            Language::English => Translation { title: self.title, help: self.help },
            Language::French => self.french,
        }
    }
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

    /// Returns the last segment of the problem's `type`.
    pub(crate) fn slug(&self) -> &'static str {
        self.r#type.slug
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
