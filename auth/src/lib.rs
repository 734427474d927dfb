//! The auth service: it issues the tokens that the services accept.
//!
//! It owns a database of accounts. Start reading at [`routes`].

pub mod account;
pub mod config;
pub mod handlers;
pub mod password;
pub mod problems;
pub mod routes;
pub mod store;
pub mod throttle;

use chassis::metrics::Metrics;
use chassis::{Manifest, openapi};
use daemon::{Running, Shutdown, fatal};
use tokio::net::TcpListener;

use crate::config::Config;
use crate::handlers::AuthService;
use crate::password::Hasher;
use crate::store::Store;

/// The name of the service, the issuer of tokens, and the audience of tokens for itself.
pub const NAME: &str = "auth";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Opens the store and serves on the listener until the order to stop.
///
/// # Errors
/// Returns an error message for the operator if the store cannot be opened.
pub fn start(config: Config, listener: TcpListener, shutdown: Shutdown) -> anyhow::Result<Running> {
    let (fatal, failed) = fatal();
    let mut metrics = Metrics::default();
    let hasher = Hasher::start(&fatal, &mut metrics.registry)?;
    let store = Store::open(config.db, config.erase_after, fatal, &mut metrics.registry)?;
    let throttle = store.throttle();
    let service = AuthService { store, hasher, throttle, keys: config.keys.clone() };
    let manifest = Manifest {
        name: NAME,
        version: VERSION,
        store: service.store.engine_name(),
        asks: None,
        routes: routes::ROUTES,
        problems: problems::TYPES,
        openapi: openapi::to_bytes(
            openapi::assemble(include_str!("openapi.json"), VERSION, &config.settings),
            routes::ROUTES,
        ),
        keys: config.keys,
        metrics,
        runtime_per_core: false,
        settings: config.settings,
    };
    chassis::serve(service, manifest, listener, shutdown, failed)
}
