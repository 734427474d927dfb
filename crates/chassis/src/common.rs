//! The routes of every service, without a token: its name, its state, its documents.

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use serde::Serialize;

use crate::Reply;
use crate::docs::{self, File};
use crate::language::Language;
use crate::lookup::no_such_route;
use crate::problem::{self, Problem};
use crate::route::Route;
use crate::service::{Manifest, Service};
use daemon::Shutdown;

/// A call of one of these routes.
#[derive(Debug, Clone)]
pub(crate) enum Common {
    Index,
    Live,
    Ready,
    Metrics,
    OpenApi,
    Docs(&'static File),
    Problems,
    Problem(String),
}

pub(crate) static ROUTES: &[Route<Common>] = &[
    Route::new(Method::GET, "/", &[200], |_| Ok(Common::Index)).open(),
    Route::new(Method::GET, "/livez", &[200], |_| Ok(Common::Live)).open().routine(),
    Route::new(Method::GET, "/readyz", &[200], |_| Ok(Common::Ready)).open().routine(),
    Route::new(Method::GET, "/metrics", &[200], |_| Ok(Common::Metrics)).open().routine(),
    Route::new(Method::GET, "/openapi.json", &[200], |_| Ok(Common::OpenApi)).open(),
    Route::new(Method::GET, "/docs", &[200], |_| Ok(Common::Docs(&docs::PAGE))).open(),
    Route::new(Method::GET, "/docs/page.css", &[200], |_| Ok(Common::Docs(&docs::STYLE))).open(),
    Route::new(Method::GET, "/docs/page.js", &[200], |_| Ok(Common::Docs(&docs::SCRIPT))).open(),
    Route::new(Method::GET, "/problems", &[200], |_| Ok(Common::Problems)).open(),
    Route::new(Method::GET, "/problems/{slug}", &[200, 404], |input| {
        Ok(Common::Problem(input.segment.to_owned()))
    })
    .open(),
];

/// Answers a call; `headers` are those of its request.
pub(crate) fn answer<S: Service>(
    call: Common,
    headers: &HeaderMap,
    service: &S,
    manifest: &Manifest<S::Call>,
    shutdown: &Shutdown,
) -> Result<Reply, Problem> {
    let mut types = manifest.problems.iter().chain(problem::CATALOGUE);
    match call {
        Common::Index => Ok(Reply::json(StatusCode::OK, &index(manifest))),
        Common::Live => Ok(Reply::text(StatusCode::OK, "live\n")),
        Common::Ready if shutdown.is_ordered() => Err(problem::not_ready("it is shutting down")),
        Common::Ready => match service.ready() {
            Ok(()) => Ok(Reply::text(StatusCode::OK, "ready\n")),
            Err(missing) => Err(problem::not_ready(&missing)),
        },
        Common::Metrics => {
            let page = Reply::text(StatusCode::OK, manifest.metrics.encode());
            Ok(page.content_type("application/openmetrics-text; version=1.0.0; charset=utf-8"))
        }
        Common::OpenApi => {
            Ok(Reply::text(StatusCode::OK, manifest.openapi.clone()).content_type("application/json"))
        }
        Common::Docs(file) => Ok(file.reply()),
        Common::Problems => {
            let language = Language::preferred(headers);
            Ok(page(types.map(|one| one.line(language)).collect(), language))
        }
        Common::Problem(slug) => {
            let language = Language::preferred(headers);
            let found = types.find(|one| one.slug == slug).ok_or_else(no_such_route)?;
            Ok(page(found.text(language), language))
        }
    }
}

/// Returns the answer for a page that exists in several languages.
fn page(text: String, language: Language) -> Reply {
    Reply::text(StatusCode::OK, text)
        .header(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()))
        .header(header::VARY, HeaderValue::from_static("accept-language"))
}

/// The answer to `GET /`.
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

fn index<C>(manifest: &Manifest<C>) -> Index {
    let own = manifest.routes.iter().map(Route::name);
    let common = ROUTES.iter().map(Route::name);
    let links = own.chain(common).map(|(method, href)| Link { method: method.as_str(), href }).collect();
    Index { name: manifest.name, version: manifest.version, links }
}
