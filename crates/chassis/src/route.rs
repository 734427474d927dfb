//! The routing table: one list that provides matching, `Allow`, metrics labels and the documented statuses, so that they
//! cannot drift apart.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::PoisonError;

use hyper::Method;
use storage::Id;

use crate::conditional::Precondition;
use crate::fields::{Fields, Taken};
use crate::idempotency::IdempotencyKey;
use crate::problem::Problem;
use crate::query::Query;

/// The access to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody, without a token.
    Open,
    /// Users and administrators, with a token of the auth service.
    SignedIn,
    /// Only another service, with a token that it signed itself.
    Service { issuer: &'static str },
}

/// The body that a route expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; the service ignores one.
    Nothing,
    /// A JSON object.
    Json,
    /// A JSON merge patch (RFC 7396).
    MergePatch,
}

impl Body {
    /// Returns the accepted media types, the proper one first.
    pub(crate) fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::Json => &["application/json"],
            Self::MergePatch => &["application/merge-patch+json", "application/json"],
        }
    }
}

/// The values of a request from which a route makes a call.
#[derive(Debug, Default)]
pub struct Input<'r> {
    /// The path segment that matched the template's parameter; empty if the template has no parameter.
    pub segment: &'r str,
    /// The query parameters.
    pub query: Query,
    /// The members of the body.
    pub body: Fields,
    /// The preconditions.
    pub precondition: Precondition,
    /// The key of a request that may be repeated; only on a route that is [`Route::repeatable`].
    pub idempotency_key: Option<IdempotencyKey>,
}

/// One line of the routing table.
pub struct Route<C> {
    pub(crate) line: Line,
    parse: Parse<C>,
}

/// How a route makes a call from a request.
enum Parse<C> {
    Plain(fn(Input<'_>) -> Result<C, Problem>),
    OfId { unknown: fn() -> Problem, parse: fn(Id, Input<'_>) -> Result<C, Problem> },
}

/// The part of a route that does not depend on the type of its calls.
pub(crate) struct Line {
    pub(crate) method: Method,
    /// The path template, with at most one `{parameter}`.
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) body: Body,
    pub(crate) query: &'static [&'static str],
    /// Whether machines request it every few seconds: successful answers are then logged at `debug` only.
    pub(crate) routine: bool,
    /// Whether it takes an `Idempotency-Key`.
    pub(crate) repeatable: bool,
    /// The statuses that only this route causes.
    answers: &'static [u16],
}

impl<C> Route<C> {
    /// Returns a route that needs a token and expects neither body nor query.
    ///
    /// `path` is a template with at most one `{parameter}`. `answers` are the statuses that only this route causes;
    /// `Line::statuses` adds the others.
    pub const fn new(
        method: Method,
        path: &'static str,
        answers: &'static [u16],
        parse: fn(Input<'_>) -> Result<C, Problem>,
    ) -> Self {
        Self { line: Line::new(method, path, answers), parse: Parse::Plain(parse) }
    }

    /// Returns a route whose path parameter is an [`Id`]. For any other text the path is wrong, and `unknown` is the
    /// answer, before the token is checked.
    pub const fn of_id(
        method: Method,
        path: &'static str,
        unknown: fn() -> Problem,
        answers: &'static [u16],
        parse: fn(Id, Input<'_>) -> Result<C, Problem>,
    ) -> Self {
        Self { line: Line::new(method, path, answers), parse: Parse::OfId { unknown, parse } }
    }

    /// Takes an `Idempotency-Key`.
    #[must_use]
    pub const fn repeatable(mut self) -> Self {
        self.line.repeatable = true;
        self
    }

    /// Lets callers in without a token.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.line.access = Access::Open;
        self
    }

    /// Lets only the role `service` in, with tokens of this issuer.
    #[must_use]
    pub const fn for_service(mut self, issuer: &'static str) -> Self {
        self.line.access = Access::Service { issuer };
        self.routine()
    }

    /// Marks a route that machines request every few seconds.
    pub(crate) const fn routine(mut self) -> Self {
        self.line.routine = true;
        self
    }

    /// Expects a body.
    #[must_use]
    pub const fn takes(mut self, body: Body) -> Self {
        self.line.body = body;
        self
    }

    /// Expects these query parameters.
    #[must_use]
    pub const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.line.query = names;
        self
    }

    /// Returns the method and path template, the route's name in documents and metrics.
    pub fn name(&'static self) -> (&'static Method, &'static str) {
        (&self.line.method, self.line.path)
    }

    /// Returns the names that the route's parser takes from a body; `None` if it expects no body. The parser must take
    /// them all before it returns an error.
    pub(crate) fn members(&self) -> Option<BTreeSet<String>> {
        if self.line.body == Body::Nothing {
            return None;
        }
        let taken = Taken::default();
        // Any id; whether the empty body makes a call does not matter.
        let _ = self.parse(Input { segment: "1", body: Fields::noting(&taken), ..Input::default() });
        let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Some(taken)
    }

    /// Checks the path parameter.
    pub(crate) fn check(&self, segment: &str) -> Result<(), Problem> {
        match self.parse {
            Parse::OfId { unknown, .. } if Id::parse(segment).is_none() => Err(unknown()),
            _ => Ok(()),
        }
    }

    /// Makes a call from a request.
    pub(crate) fn parse(&self, input: Input<'_>) -> Result<C, Problem> {
        match self.parse {
            Parse::Plain(parse) => parse(input),
            Parse::OfId { unknown, parse } => parse(Id::parse(input.segment).ok_or_else(unknown)?, input),
        }
    }
}

impl Line {
    const fn new(method: Method, path: &'static str, answers: &'static [u16]) -> Self {
        let (access, body) = (Access::SignedIn, Body::Nothing);
        Self { method, path, access, body, query: &[], routine: false, repeatable: false, answers }
    }

    /// Returns every status of the route, in ascending order. Every route checks the target and the query, and any may
    /// find the service failing or too slow.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        let mut statuses = [self.answers, &[400, 414, 500, 503]].concat();
        if self.access != Access::Open {
            statuses.extend([401, 403]);
        }
        if self.body != Body::Nothing {
            statuses.extend([408, 413, 415, 422]);
        }
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
