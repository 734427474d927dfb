//! `GET /`: what this service is and what it serves, as JSON for programs and as a page for browsers.

use std::fmt::Write as _;

use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_SECURITY_POLICY, HeaderMap, HeaderValue, VARY};
use serde::Serialize;

use crate::Reply;
use crate::common;
use crate::language::thousandths;
use crate::route::Route;
use crate::service::Manifest;

/// The answer in JSON.
#[derive(Serialize)]
struct Index {
    name: &'static str,
    version: &'static str,
    links: Vec<Link>,
}

/// A link; an `href` with braces is a URI template (RFC 6570).
#[derive(Serialize)]
struct Link {
    method: &'static str,
    href: &'static str,
}

/// The page loads the style sheets of `/docs` and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Links to the documents of a service, relative to the page: a proxy may serve it below a path.
const DOCUMENTS: [(&str, &str); 5] = [
    ("docs", "Read and try every route"),
    ("openapi.json", "OpenAPI document"),
    ("problems", "Problems and their fixes"),
    ("metrics", "Metrics"),
    ("readyz", "Is it ready?"),
];

/// Answers in JSON, unless the request prefers HTML.
pub(crate) fn reply<C>(manifest: &Manifest<C>, request: &HeaderMap) -> Reply {
    let links = links(manifest);
    let reply = if prefers_html(request) {
        Reply::text(StatusCode::OK, page(manifest, &links))
            .content_type("text/html; charset=utf-8")
            .header(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY))
    } else {
        Reply::json(StatusCode::OK, &Index { name: manifest.name, version: manifest.version, links })
    };
    reply.header(VARY, HeaderValue::from_static("accept"))
}

fn links<C>(manifest: &Manifest<C>) -> Vec<Link> {
    let own = manifest.routes.iter().map(Route::name);
    let common = common::tables(&manifest.settings).flatten().map(Route::name);
    own.chain(common).map(|(method, href)| Link { method: method.as_str(), href }).collect()
}

fn page<C>(manifest: &Manifest<C>, links: &[Link]) -> String {
    let Manifest { name, version, settings, .. } = manifest;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{name}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"docs/base.css\">\n\
         <link rel=\"stylesheet\" href=\"docs/page.css\">\n</head>\n<body>\n\
         <h1>{name} <small>{version}</small></h1>\n<ul>\n"
    );
    let mut add = |line: std::fmt::Arguments<'_>| page.write_fmt(line).expect("a string takes any text");
    let live = settings.live.then_some(("live", "See requests as they happen"));
    for (href, text) in DOCUMENTS.into_iter().chain(live) {
        add(format_args!("<li><a href=\"{href}\">{text}</a></li>\n"));
    }
    if !settings.related.is_empty() {
        add(format_args!("</ul>\n<h2>Related services</h2>\n<ul>\n"));
        for (name, origin) in &settings.related {
            let origin = escaped(origin);
            add(format_args!(
                "<li><a href=\"{origin}/\">{name}</a>: <a href=\"{origin}/docs\">{origin}/docs</a></li>\n"
            ));
        }
    }
    add(format_args!("</ul>\n<h2>Routes</h2>\n<ul>\n"));
    for Link { method, href } in links {
        add(format_args!("<li><code>{method} {href}</code></li>\n"));
    }
    add(format_args!("</ul>\n</body>\n</html>\n"));
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Returns whether a request accepts HTML rather than JSON, as browsers do (RFC 9110 section 12.5.1). One that accepts both
/// alike is a program's.
fn prefers_html(request: &HeaderMap) -> bool {
    let accept = request.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges: Vec<(&str, u16)> = accept.flat_map(|value| value.split(',')).map(range).collect();
    quality(&ranges, "text/html", "text/*") > quality(&ranges, "application/json", "application/*")
}

/// Parses a media range and its quality in thousandths, such as `text/html;q=0.8`. An invalid quality counts as 0.
fn range(text: &str) -> (&str, u16) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let given = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    (name, given.map_or(1000, |given| thousandths(given).unwrap_or(0)))
}

/// Returns the quality of the most specific range that covers a media type.
fn quality(ranges: &[(&str, u16)], name: &str, group: &str) -> u16 {
    let given = |wanted: &str| ranges.iter().find(|(range, _)| range.eq_ignore_ascii_case(wanted));
    [name, group, "*/*"].into_iter().find_map(given).map_or(0, |(_, given)| *given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_that_prefers_html_gets_the_page() {
        let of = |accept: &'static str| {
            prefers_html(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for accept in [firefox, "text/html", "TEXT/HTML", "text/*", "application/json;q=0.1, text/html;q=0.2"]
        {
            assert!(of(accept), "{accept}");
        }
        for accept in [
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0",
            "text/html;q=inf, */*;q=0.1",
            "text/html; q=0.5, */*",
            "text/plain",
            "",
        ] {
            assert!(!of(accept), "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
