//! The metrics of a service, in the OpenMetrics text format that Prometheus reads.

use std::fs;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::Method;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use storage::{Registry, latency_histogram};

/// The metrics of one service.
pub struct Metrics {
    /// Where services and engines register their own metrics; a counter's name omits `_total`.
    pub registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Called, Histogram>,
    in_flight: Gauge,
    memory: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Called {
    method: &'static str,
    route: &'static str,
}

/// A request that is being answered.
pub(crate) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Family::default();
        let durations = Family::new_with_constructor(latency_histogram as fn() -> Histogram);
        let (in_flight, memory, started) = (Gauge::default(), Gauge::default(), Gauge::<i64>::default());
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        started.set(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "From the end of the head to the answer",
            durations.clone(),
        );
        registry.register("http_requests_in_flight", "Requests being answered", in_flight.clone());
        registry.register("process_resident_memory_bytes", "Memory in RAM", memory.clone());
        registry.register("process_start_time_seconds", "When the service started, in Unix time", started);
        Self { registry, requests, durations, in_flight, memory }
    }
}

impl Metrics {
    /// Counts a request as in flight until the returned value is dropped.
    pub(crate) fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answer. `route` is a template, so that the number of series is bounded.
    pub(crate) fn answered(&self, method: &Method, route: &'static str, status: u16, took: Duration) {
        let method = label(method);
        self.requests.get_or_create(&Answered { method, route, status }).inc();
        self.durations.get_or_create(&Called { method, route }).observe(took.as_secs_f64());
    }

    pub(crate) fn encode(&self) -> String {
        self.memory.set(resident_bytes().unwrap_or(0));
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("writing to a string cannot fail");
        page
    }
}

/// Returns the label of a method. A client may send any method; only the methods of HTTP get a series.
pub(crate) fn label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Returns the memory of the process in RAM. The kernel's "kB" are 1,024 bytes (proc(5)).
fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<i64>().ok().map(|kib| kib * 1024)
}
