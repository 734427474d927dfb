//! broken_connections
