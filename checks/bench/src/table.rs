//! The table of comparisons. Contenders take turns in each round, so that other load on the machine affects all.

use std::path::Path;

use testkit::PostgresServer;

use crate::cluster::pgbench;
use crate::disk::syncs_per_second;
use crate::load::{Measured, Request, wrk};
use crate::process::Process;

/// The kind of measurement.
pub(crate) enum Load<'p> {
    /// Requests to the first of these processes. It may call the others.
    Http { processes: Vec<&'p Process>, request: Request, connections: u32 },
    /// Synced appends to a file.
    Disk,
    /// A statement that `pgbench` repeats, over this many connections to the database that person uses.
    Pgbench { server: &'p PostgresServer, sql: &'static str, connections: u32 },
}

/// A row of a comparison.
pub(crate) struct Contender<'p> {
    pub(crate) name: &'static str,
    pub(crate) load: Load<'p>,
}

/// A comparison of several contenders with the first one.
pub(crate) struct Comparison<'p> {
    pub(crate) what: &'static str,
    pub(crate) contenders: Vec<Contender<'p>>,
}

/// The results of a contender in one round.
struct Round {
    measured: Measured,
    cpu_per_thousand: f64,
    megabytes: f64,
    /// The rate relative to the first contender of the same round.
    ratio: f64,
}

/// The heading of the table.
pub(crate) const HEADING: &str = "| | contender | requests/s | p50 ms | p99 ms | CPU s per 1,000 | MB | ratio |\n\
                                  |---|---|---:|---:|---:|---:|---:|---:|\n";

impl Comparison<'_> {
    /// Measures all contenders, this many rounds of this many seconds each, and returns their rows.
    pub(crate) fn lines(&self, folder: &Path, rounds: u32, seconds: u32) -> String {
        let mut results: Vec<Vec<Round>> = self.contenders.iter().map(|_| Vec::new()).collect();
        for _ in 0..rounds {
            let mut first = None;
            for (contender, results) in self.contenders.iter().zip(&mut results) {
                eprintln!("{}: {}", self.what, contender.name);
                let mut round = contender.load.measure(folder, seconds);
                round.ratio = round.measured.per_second / *first.get_or_insert(round.measured.per_second);
                results.push(round);
            }
        }
        let mut what = self.what;
        let lines = self.contenders.iter().zip(&results).map(|(contender, rounds)| {
            format!("| {} | {} | {} |\n", std::mem::take(&mut what), contender.name, cells(rounds))
        });
        lines.collect()
    }
}

impl Load<'_> {
    fn measure(&self, folder: &Path, seconds: u32) -> Round {
        let rate_only = |per_second| {
            let measured = Measured { requests: 0.0, per_second, p50_ms: 0.0, p99_ms: 0.0 };
            Round { measured, cpu_per_thousand: 0.0, megabytes: 0.0, ratio: 1.0 }
        };
        match self {
            Self::Disk => rate_only(syncs_per_second(folder, seconds)),
            Self::Pgbench { server, sql, connections } => {
                rate_only(pgbench(server, sql, *connections, seconds))
            }
            Self::Http { processes, request, connections } => {
                let cpu = || processes.iter().map(|process| process.cpu_seconds()).sum::<f64>();
                let before = cpu();
                let measured = wrk(folder, processes[0].address, request, *connections, seconds);
                let cpu_per_thousand = (cpu() - before) / measured.requests * 1000.0;
                Round { measured, cpu_per_thousand, megabytes: processes[0].megabytes(), ratio: 1.0 }
            }
        }
    }
}

/// Returns the medians over the rounds as cells, empty if not measured.
fn cells(rounds: &[Round]) -> String {
    let number = |of: fn(&Round) -> f64, digits: usize| match median(rounds.iter().map(of)) {
        0.0 => String::new(),
        number => format!("{number:.digits$}"),
    };
    [
        number(|round| round.measured.per_second, 0),
        number(|round| round.measured.p50_ms, 2),
        number(|round| round.measured.p99_ms, 2),
        number(|round| round.cpu_per_thousand, 4),
        number(|round| round.megabytes, 1),
        number(|round| round.ratio, 3),
    ]
    .join(" | ")
}

/// Returns the median.
pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
