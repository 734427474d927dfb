//! The person service: it alone decides who exists.
//!
//! It owns a database of persons and of their deletions. It calls no other service, and knows only the name of the issuer
//! that may read its feed of deletions.
//! Start reading at [`routes`].

pub mod config;
pub mod handlers;
pub mod person;
pub mod problems;
pub mod routes;
pub mod store;

use chassis::metrics::Metrics;
use chassis::{Manifest, openapi};
use daemon::{Running, Shutdown, fatal};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::handlers::PersonService;
use crate::store::Store;

/// The name of the service, and the audience of tokens for it.
pub const NAME: &str = "person";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Opens the store and serves on the listener until the order to stop.
///
/// # Errors
/// Returns an error message for the operator if the store cannot be opened.
pub fn start(config: Config, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<Running> {
    let (fatal, failed) = fatal();
    let mut metrics = Metrics::default();
    let store = Store::open(config.db, config.limit, config.erase_after, fatal, &mut metrics.registry)?;
    let manifest = Manifest {
        name: NAME,
        version: VERSION,
        store: store.engine_name(),
        asks: None,
        routes: routes::ROUTES,
        problems: problems::TYPES,
        openapi: openapi::to_bytes(
            openapi::assemble(include_str!("openapi.json"), VERSION, &config.settings),
            routes::ROUTES,
        ),
        keys: config.keys,
        metrics,
        runtime_per_core: store.is_embedded(),
        settings: config.settings,
    };
    chassis::serve(PersonService { store }, manifest, listener, shutdown, failed)
}
