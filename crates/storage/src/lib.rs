//! What the storage engines share: where a store is, the id of a record, an error with its kinds, the metrics of commits,
//! the rules about erased content and restored numbers.
//!
//! It knows no HTTP, no table and no file format; the chassis maps its errors to problems.

mod erasure;
mod error;
mod id;
mod location;
mod metrics;
mod numbers;

pub use erasure::ERASE_AFTER;
pub use error::StoreError;
pub use id::Id;
pub use location::{Location, is_cluster};
pub use metrics::{CommitMetrics, latency_histogram};
pub use numbers::after_restore;
pub use prometheus_client::registry::Registry;
