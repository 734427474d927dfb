//! What only a service over PostgreSQL can show: several replicas, a restart of the server, a broken connection. With the
//! feature `cluster`, every other test that is not about files runs over PostgreSQL too.

use std::sync::OnceLock;

use person::store::Location;
use testkit::PostgresServer;

mod broken_connections;
mod configuration;
mod copies;
mod crashes;
mod encryption;
mod replicas;
mod restarts;

/// The server that the tests share.
fn server() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(PostgresServer::start)
}

/// Returns the address of a new database of that server.
fn create_database() -> String {
    server().create_database()
}

/// Returns a new database of that server.
pub(crate) fn create_location() -> Location {
    location(&create_database())
}

fn location(url: &str) -> Location {
    Location::Cluster(postgres::Url::parse(url, None).expect("an address"))
}

/// The address of a database that one of two servers serves.
fn either(one: &PostgresServer, other: &PostgresServer, database: &str) -> String {
    format!("postgres://tester@{},{}/{database}", one.host(), other.host())
}
