//! What only a service over PostgreSQL can show: several replicas, a restart of the server, a purge that any replica may
//! run. With the feature `cluster`, every other test that is not about files runs over PostgreSQL too.

use std::sync::OnceLock;

use health::store::Location;
use testkit::PostgresServer;

mod commands;
mod copies;
mod replicas;
mod restarts;

/// What the service keeps, without what the engine of the store needs.
pub(crate) const CONTENT: &str = "SELECT generation, id, version, vitals, gone FROM record
    UNION ALL SELECT generation, cursor, NULL, origin, NULL FROM follows ORDER BY 1, 2, 3";

fn server() -> &'static PostgresServer {
    static SERVER: OnceLock<PostgresServer> = OnceLock::new();
    SERVER.get_or_init(PostgresServer::start)
}

/// Returns the address of a new database of the server that the tests share.
pub(crate) fn create_database() -> String {
    server().create_database()
}

/// Runs a statement in a database of that server.
pub(crate) fn query(url: &str, sql: &str) -> String {
    server().query(url, sql)
}

pub(crate) fn location(url: &str) -> Location {
    Location::Cluster(postgres::Url::parse(url, None).expect("an address"))
}
