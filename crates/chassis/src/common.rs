//! The routes of every service, without a token: its name, its state, its documents.

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};

use crate::Reply;
use crate::docs;
use crate::exchange::Exchange;
use crate::index;
use crate::language::Language;
use crate::live::{self, Scene};
use crate::lookup::no_such_route;
use crate::page::File;
use crate::problem::{self, Problem};
use crate::route::Route;
use crate::service::Service;
use crate::settings::Settings;

/// A call of one of these routes.
#[derive(Debug, Clone)]
pub(crate) enum Common {
    Index,
    Alive,
    Ready,
    Metrics,
    OpenApi,
    File(&'static File),
    Events,
    Problems,
    Problem(String),
}

static ROUTES: &[Route<Common>] = &[
    Route::new(Method::GET, "/", &[200], |_| Ok(Common::Index)).open(),
    Route::new(Method::GET, "/livez", &[200], |_| Ok(Common::Alive)).open().routine(),
    Route::new(Method::GET, "/readyz", &[200], |_| Ok(Common::Ready)).open().routine(),
    Route::new(Method::GET, "/metrics", &[200], |_| Ok(Common::Metrics)).open().routine(),
    Route::new(Method::GET, "/openapi.json", &[200], |_| Ok(Common::OpenApi)).open(),
    Route::new(Method::GET, "/docs", &[200], |_| Ok(Common::File(&docs::PAGE))).open(),
    Route::new(Method::GET, "/docs/{file}", &[200, 404], |input| {
        docs::file(input.segment).map(Common::File).ok_or_else(no_such_route)
    })
    .open(),
    Route::new(Method::GET, "/problems", &[200], |_| Ok(Common::Problems)).open(),
    Route::new(Method::GET, "/problems/{slug}", &[200, 404], |input| {
        Ok(Common::Problem(input.segment.to_owned()))
    })
    .open(),
];

/// The routes of the page that shows requests. Those that it makes itself are not worth a line in the log.
static LIVE: &[Route<Common>] = &[
    Route::new(Method::GET, "/live", &[200], |_| Ok(Common::File(&live::PAGE))).open().routine(),
    Route::new(Method::GET, "/live/page.css", &[200], |_| Ok(Common::File(&live::STYLE))).open().routine(),
    Route::new(Method::GET, "/live/page.js", &[200], |_| Ok(Common::File(&live::SCRIPT))).open().routine(),
    Route::new(Method::GET, "/live/stage.js", &[200], |_| Ok(Common::File(&live::STAGE))).open().routine(),
    Route::new(Method::GET, "/live/requests.js", &[200], |_| Ok(Common::File(&live::REQUESTS)))
        .open()
        .routine(),
    Route::new(Method::GET, "/live/events", &[200], |_| Ok(Common::Events)).open().routine(),
];

/// Returns the tables of the routes that a service with these settings has.
pub(crate) fn tables(settings: &Settings) -> impl Iterator<Item = &'static [Route<Common>]> + use<> {
    [ROUTES].into_iter().chain(settings.live.then_some(LIVE))
}

/// Answers a call; `headers` are those of its request.
pub(crate) fn answer<S: Service>(
    call: Common,
    headers: &HeaderMap,
    exchange: &Exchange<S>,
) -> Result<Reply, Problem> {
    let Exchange { service, manifest, shutdown, .. } = exchange;
    let mut types = manifest.problems.iter().chain(problem::CATALOGUE);
    match call {
        Common::Index => Ok(index::reply(manifest, headers)),
        Common::Alive => Ok(Reply::text(StatusCode::OK, "live\n")),
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
        Common::File(file) => Ok(file.reply()),
        Common::Events if shutdown.is_ordered() => Err(problem::not_ready("it is shutting down")),
        Common::Events => {
            let scene = Scene { service: manifest.name, store: manifest.store, asks: manifest.asks };
            exchange.live.feed(&scene, manifest.metrics.enter(), shutdown.clone()).map(Reply::feed)
        }
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
