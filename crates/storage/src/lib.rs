//! What the storage engines share: the id of a record, an error with its kinds, the metrics of commits.
//!
//! It knows no HTTP, no table and no file format; the chassis maps its errors to problems.

mod error;
mod id;
mod metrics;

pub use error::StoreError;
pub use id::Id;
pub use metrics::{CommitMetrics, latency_histogram};
pub use prometheus_client::registry::Registry;
