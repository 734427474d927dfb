//! The routing table: one list from which matching, `Allow`, metrics labels and the documented statuses come,
//! so that they cannot drift apart.

use std::fmt;

use hyper::Method;

use crate::problem::{NO_SUCH_ROUTE, Problem};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody, without a token.
    Open,
    /// Users and administrators, with a token of the auth service.
    SignedIn,
    /// Only another service, with a token that it signed itself.
    Service { issuer: &'static str },
}

/// What a route takes as a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// None; one that is sent is not looked at.
    Nothing,
    /// A JSON object.
    Json,
    /// A JSON merge patch (RFC 7396).
    MergePatch,
}

/// One line of the routing table: a method, a path and the call that they become.
pub struct Route<C> {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    to_call: fn(&str) -> Result<C, Problem>,
    pub(crate) access: Access,
    pub(crate) body: Body,
    pub(crate) query: &'static [&'static str],
    /// Asked for by machines every few seconds: its good answers are logged at `debug` only.
    pub(crate) routine: bool,
    answers: &'static [u16],
}

impl<C> Route<C> {
    /// A route that needs a token and takes neither body nor query.
    ///
    /// `path` is a template with at most one `{parameter}`; `to_call` is handed what stands in its place
    /// (nothing where there is none), and its problem counts as a wrong path. `answers` are the statuses
    /// that this route alone is the reason for; [`Route::statuses`] adds the others.
    pub const fn new(
        method: Method,
        path: &'static str,
        to_call: fn(&str) -> Result<C, Problem>,
        answers: &'static [u16],
    ) -> Self {
        Self {
            method,
            path,
            to_call,
            access: Access::SignedIn,
            body: Body::Nothing,
            query: &[],
            routine: false,
            answers,
        }
    }

    /// Lets everybody in.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.access = Access::Open;
        self
    }

    /// Lets only the role `service` in, whose tokens are signed by this issuer.
    #[must_use]
    pub const fn for_service(mut self, issuer: &'static str) -> Self {
        self.access = Access::Service { issuer };
        self.routine()
    }

    /// Is asked for by machines, every few seconds.
    pub(crate) const fn routine(mut self) -> Self {
        self.routine = true;
        self
    }

    /// Takes a body.
    #[must_use]
    pub const fn takes(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Takes these query parameters.
    #[must_use]
    pub const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    /// The method and path template, as documents and metrics name the route.
    pub fn name(&'static self) -> (&'static Method, &'static str) {
        (&self.method, self.path)
    }

    /// Every status that the route answers with, in order: on each the target is measured and the query
    /// checked, and any may find the service failing or too slow.
    pub fn statuses(&self) -> Vec<u16> {
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

    /// Whether the path is of this route's template; if so, what stands in the parameter's place.
    fn capture<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut captured = "";
        let (mut wanted, mut given) = (self.path.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return Some(captured),
                (Some(wanted), Some(given)) if wanted == given => {}
                (Some(wanted), Some(given)) if wanted.starts_with('{') && is_plain(given) => captured = given,
                _ => return None,
            }
        }
    }
}

/// Not empty, no escape and no dot segment: those make another path, not another value of a parameter.
fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.contains('%')
}

impl<C> fmt::Debug for Route<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// What a path and a method come to.
pub(crate) enum Match<C: 'static> {
    /// A route of this table, and the call that it is.
    Call(&'static Route<C>, C),
    /// The path is known, the method is none of its own: the template and its `Allow`.
    Other { template: &'static str, allow: String },
}

/// Looks a path up. Of two templates that match, the one that stands first in the table wins.
///
/// `None` where no template matches.
pub(crate) fn find<C>(
    routes: &'static [Route<C>],
    method: &Method,
    path: &str,
) -> Option<Result<Match<C>, Problem>> {
    let (first, captured) = routes.iter().find_map(|route| Some((route, route.capture(path)?)))?;
    let same_path = || routes.iter().filter(|route| route.path == first.path);
    // HEAD answers as GET, and the server leaves the body out.
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let route = same_path().find(|route| route.method == wanted);
    Some((route.unwrap_or(first).to_call)(captured).map(|call| match route {
        Some(route) => Match::Call(route, call),
        None => {
            let mut allow: Vec<_> = same_path().map(|route| route.method.as_str()).collect();
            if allow.contains(&"GET") {
                allow.push("HEAD");
            }
            allow.push("OPTIONS");
            Match::Other { template: first.path, allow: allow.join(", ") }
        }
    }))
}

pub(crate) fn no_such_route() -> Problem {
    Problem::new(&NO_SUCH_ROUTE, "There is nothing at this path; GET / says what there is.")
}

/// An identifier in a path: a whole number from 1 to 2^63 - 1, written the one way it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(i64);

impl Id {
    /// Reads `[1-9][0-9]{0,18}`, at most 2^63 - 1.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits && !text.starts_with('0')).map(Self)
    }

    /// An identifier from a store or a peer; `None` where it is not positive.
    pub fn new(number: i64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        for good in ["1", "7", "10", "9223372036854775807"] {
            assert_eq!(Id::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "0", "-1", "+1", "01", "1.0", "1e3", "9223372036854775808", "abc", " 1", "१"] {
            assert_eq!(Id::parse(bad), None, "{bad}");
        }
    }

    static TABLE: &[Route<&str>] = &[
        Route::new(Method::GET, "/things", |_| Ok("list"), &[200]),
        Route::new(Method::GET, "/things/special", |_| Ok("special"), &[200]),
        Route::new(Method::GET, "/things/{id}", |_| Ok("read"), &[200]),
        Route::new(Method::PUT, "/things/{id}", |_| Ok("write"), &[200]).takes(Body::Json),
    ];

    fn outcome(method: Method, path: &str) -> String {
        match find(TABLE, &method, path) {
            None => "404".to_owned(),
            Some(Ok(Match::Call(_, call))) => call.to_owned(),
            Some(Ok(Match::Other { allow, .. })) => allow,
            Some(Err(problem)) => problem.status().to_string(),
        }
    }

    #[test]
    fn a_path_and_a_method_find_their_call() {
        assert_eq!(outcome(Method::GET, "/things"), "list");
        assert_eq!(outcome(Method::HEAD, "/things/7"), "read");
        assert_eq!(outcome(Method::PUT, "/things/7"), "write");
        assert_eq!(outcome(Method::GET, "/things/special"), "special");
        assert_eq!(outcome(Method::PUT, "/things/special"), "GET, HEAD, OPTIONS");
        assert_eq!(outcome(Method::POST, "/things/7"), "GET, PUT, HEAD, OPTIONS");
    }

    #[test]
    fn near_misses_are_no_path() {
        for path in [
            "/",
            "",
            "/thing",
            "/things/",
            "//things",
            "/things//7",
            "/things/7/",
            "/Things",
            "/things/7/8",
            "/things/%37",
            "/things/..",
        ] {
            assert_eq!(outcome(Method::GET, path), "404", "{path}");
        }
    }

    #[test]
    fn the_statuses_follow_from_what_a_route_takes() {
        assert_eq!(TABLE[0].statuses(), [200, 400, 401, 403, 414, 500, 503]);
        assert_eq!(TABLE[3].statuses(), [200, 400, 401, 403, 408, 413, 414, 415, 422, 500, 503]);
    }
}
