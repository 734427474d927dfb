//! Looking up a path and a method in a routing table.

use hyper::Method;

use crate::problem::{NO_SUCH_ROUTE, Problem};
use crate::route::Route;

/// The result of looking up a path and a method.
pub(crate) enum Match<'p, C: 'static> {
    /// A route of the table, and the segment of its parameter.
    Route(&'static Route<C>, &'p str),
    /// The path is known and the method is not: a route of the path, and its `Allow`.
    OtherMethod(&'static Route<C>, String),
}

/// Looks up a path and a method; returns `None` if no template matches. If two match, the first in the table wins.
pub(crate) fn find<'p, C>(
    routes: &'static [Route<C>],
    method: &Method,
    path: &'p str,
) -> Option<Result<Match<'p, C>, Problem>> {
    let (first, segment) = first(routes, path)?;
    if let Err(problem) = first.check(segment) {
        return Some(Err(problem));
    }
    let same_path = || routes.iter().filter(|route| route.line.path == first.line.path);
    // HEAD answers as GET; the server omits the body.
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    Some(Ok(match same_path().find(|route| route.line.method == wanted) {
        Some(route) => Match::Route(route, segment),
        None => {
            let mut allow: Vec<_> = same_path().map(|route| route.line.method.as_str()).collect();
            if allow.contains(&"GET") {
                allow.push("HEAD");
            }
            allow.push("OPTIONS");
            Match::OtherMethod(first, allow.join(", "))
        }
    }))
}

/// Returns the first route whose template matches a path, and the segment of its parameter.
pub(crate) fn first<'p, C>(
    routes: &'static [Route<C>],
    path: &'p str,
) -> Option<(&'static Route<C>, &'p str)> {
    routes.iter().find_map(|route| Some((route, capture(route.line.path, path)?)))
}

/// Returns the problem for an unknown path.
pub(crate) fn no_such_route() -> Problem {
    Problem::new(&NO_SUCH_ROUTE, "The service has no such path; GET / lists its paths.")
}

/// Matches a path against the template; returns the segment of its parameter, or `""` if it has none.
fn capture<'p>(template: &str, path: &'p str) -> Option<&'p str> {
    // By byte: for such short texts a search for a character costs several times as much.
    let find = |sought| template.bytes().position(|byte| byte == sought);
    let Some(opening) = find(b'{') else { return (template == path).then_some("") };
    let closing = find(b'}').expect("a template closes its parameter");
    let segment = path.strip_prefix(&template[..opening])?.strip_suffix(&template[closing + 1..])?;
    is_plain(segment).then_some(segment)
}

/// Returns whether the text is one segment that is not empty, an escape or a dot segment: these make another path and not
/// another value.
fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.bytes().any(|byte| matches!(byte, b'/' | b'%'))
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{Body, Input};

    static TABLE: &[Route<&str>] = &[
        Route::new(Method::GET, "/things", &[200], |_| Ok("list")),
        Route::new(Method::GET, "/things/special", &[200], |_| Ok("special")),
        Route::of_id(Method::GET, "/things/{id}", no_such_route, &[200], |_, _| Ok("read")),
        Route::of_id(Method::PUT, "/things/{id}", no_such_route, &[200], |_, _| Ok("write"))
            .takes(Body::Json),
    ];

    fn outcome(method: Method, path: &str) -> String {
        match find(TABLE, &method, path) {
            None => "404".to_owned(),
            Some(Ok(Match::Route(route, segment))) => {
                route.parse(Input { segment, ..Input::default() }).unwrap().to_owned()
            }
            Some(Ok(Match::OtherMethod(_, allow))) => allow,
            Some(Err(problem)) => format!("{} of the parameter", problem.status().as_u16()),
        }
    }

    #[test]
    fn a_path_and_a_method_find_their_route() {
        assert_eq!(outcome(Method::GET, "/things"), "list");
        assert_eq!(outcome(Method::HEAD, "/things/7"), "read");
        assert_eq!(outcome(Method::PUT, "/things/7"), "write");
        assert_eq!(outcome(Method::GET, "/things/special"), "special");
        assert_eq!(outcome(Method::PUT, "/things/special"), "GET, HEAD, OPTIONS");
        assert_eq!(outcome(Method::POST, "/things/7"), "GET, PUT, HEAD, OPTIONS");
        assert_eq!(outcome(Method::GET, "/things/07"), "404 of the parameter");
        assert_eq!(outcome(Method::POST, "/things/x"), "404 of the parameter");
    }

    #[test]
    fn near_misses_match_no_route() {
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
    fn statuses_follow_from_access_and_body() {
        assert_eq!(TABLE[0].line.statuses(), [200, 400, 401, 403, 414, 500, 503]);
        assert_eq!(TABLE[3].line.statuses(), [200, 400, 401, 403, 408, 413, 414, 415, 422, 500, 503]);
    }
}
