//! Metrics that every engine has.

use std::time::Instant;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds in seconds: from a read out of memory to the time limit of a handler.
const BUCKETS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 1.0, 5.0];

/// Returns a histogram of seconds.
pub fn latency_histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

/// The number of writes committed, and how long commits take.
#[derive(Debug, Clone)]
pub struct CommitMetrics {
    writes: Counter,
    seconds: Histogram,
}

impl CommitMetrics {
    /// Registers both metrics.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self { writes: Counter::default(), seconds: latency_histogram() };
        registry.register("store_writes", "Writes committed", metrics.writes.clone());
        let help = "From the first write of a batch to its sync";
        registry.register("store_commit_seconds", help, metrics.seconds.clone());
        metrics
    }

    /// Counts a commit that began at `start`.
    pub fn committed(&self, writes: u64, start: Instant) {
        self.writes.inc_by(writes);
        self.seconds.observe(start.elapsed().as_secs_f64());
    }
}
