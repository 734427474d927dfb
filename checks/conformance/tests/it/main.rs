//! The checker, tested on our services and on a lab that makes mistakes on purpose.

mod adapting;
mod bad_lab;
mod careful;
mod causes;
mod class;
mod command_line;
mod document;
mod entry;
mod marks;
mod mistakes;
mod our_lab;
mod reports;
mod switches;

use std::collections::BTreeSet;

use conformance::report::Format;
use conformance::{Lang, Report};

fn shown(report: &Report) -> String {
    report.show(Format::Terminal { colour: false, verbose: true }, Lang::En)
}

/// Returns the ids of the checks with this verdict.
fn ids<'r>(report: &'r Report, verdict: &str) -> BTreeSet<&'r str> {
    let found = report.findings.iter().filter(|finding| finding.verdict() == verdict);
    found.map(|finding| finding.check.id).collect()
}
