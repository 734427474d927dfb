//! The health service: the vital signs of the persons that the person service knows.
//!
//! It owns the records: a log, or a database of a cluster. It knows person only by its URL, asks person before every
//! operation, and continues only on `200 OK`. Start reading at [`routes`], then [`handlers`].

pub mod adopt;
pub mod config;
mod feed;
pub mod handlers;
mod identity;
pub mod patch;
pub mod person_client;
pub mod problems;
pub mod purge;
pub mod routes;
pub mod store;
pub mod vitals;
pub mod vitals_documents;

use chassis::metrics::Metrics;
use chassis::{Manifest, openapi};
use daemon::{Running, Shutdown, fatal};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::handlers::HealthService;
use crate::person_client::PersonClient;
use crate::purge::Purge;
use crate::store::Store;

/// The name of the service, and the audience of tokens for it.
pub const NAME: &str = "health";
/// The version of the service.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Opens the store and serves on the listener until the order to stop.
///
/// # Errors
/// Returns an error message for the operator if the store cannot be opened or a thread cannot be started.
pub fn start(config: Config, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<Running> {
    let Config { file, person_url, purge_every, keys, erase_after, settings } = config;
    let (fatal, failed) = fatal();
    let mut metrics = Metrics::default();
    let store = Store::open(file, erase_after, fatal.clone(), &mut metrics.registry)?;
    let person = PersonClient::start(&person_url, &mut metrics.registry)?;
    let purge = Purge::start(&person_url, purge_every, keys.clone(), &store, fatal, &mut metrics.registry)?;
    let mut document = openapi::assemble(include_str!("openapi.json"), VERSION, &settings);
    vitals_documents::add_schemas(&mut document);
    let manifest = Manifest {
        name: NAME,
        version: VERSION,
        store: store.engine_name(),
        asks: Some("person"),
        routes: routes::ROUTES,
        problems: problems::TYPES,
        openapi: openapi::to_bytes(document, routes::ROUTES),
        keys,
        metrics,
        runtime_per_core: false,
        settings,
    };
    chassis::serve(HealthService { _purge: purge, person, store }, manifest, listener, shutdown, failed)
}
