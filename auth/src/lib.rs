//! The auth service: it issues the tokens that the other services let their callers in with.
//!
//! It owns a SQLite database of accounts. Start reading at [`routes`].

pub mod account;
pub mod config;
pub mod handlers;
pub mod password;
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
use crate::throttle::Throttle;

/// The name of the service, the issuer of tokens and their audience where they are for itself.
pub const NAME: &str = "auth";
/// Its version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Opens the store and serves on the listener until told to stop.
///
/// # Errors
/// A sentence that says why the store cannot be used.
pub fn start(config: Config, listener: TcpListener, shutdown: Shutdown) -> Result<Running, String> {
    let (fatal, failed) = fatal();
    let mut metrics = Metrics::default();
    let hasher = Hasher::start(&fatal, &mut metrics)?;
    let store = Store::open(&config.db, fatal, &mut metrics)?;
    let service = AuthService { store, hasher, throttle: Throttle::default(), keys: config.keys.clone() };
    let manifest = Manifest {
        name: NAME,
        version: VERSION,
        routes: routes::ROUTES,
        problems: routes::PROBLEMS,
        openapi: openapi::to_bytes(&openapi::assemble(include_str!("openapi.json"), VERSION)),
        keys: config.keys,
        metrics,
    };
    chassis::serve(service, manifest, listener, shutdown, failed)
}
