//! What only a service over PostgreSQL can show: several replicas, a restart of the server, a broken connection. With the
//! feature `cluster`, every other test that is not about files runs over PostgreSQL too.

use std::sync::OnceLock;

use person::store::Location;
use testkit::PostgresServer;

mod broken_connections;
mod configuration;
mod crashes;
mod encryption;
mod replicas;
mod restarts;

/// Returns a new database of the server that the tests share.
pub(crate) fn create_location() -> Location {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    location(&SERVER.get_or_init(PostgresServer::start).create_database())
}

fn location(url: &str) -> Location {
    Location::Cluster(postgres::Url::parse(url, None).expect("an address"))
}

/// The address of a database that one of two servers serves.
fn either(one: &PostgresServer, other: &PostgresServer, database: &str) -> String {
    format!("postgres://tester@{},{}/{database}", one.host(), other.host())
}
