//! Runs the checks of a plan.

use std::io;
use std::net::SocketAddr;

use crate::check::Check;
use crate::checks;
use crate::finding::{Finding, Report};
use crate::person::{PersonState, start_fake_person};
use crate::plan::Plan;
use crate::subject::Subject;

/// Why nothing was checked.
#[derive(Debug)]
pub enum RunError {
    /// The address of the fake person service cannot be bound.
    CannotPlay(SocketAddr, io::Error),
    /// None of the services answers.
    NoAnswer,
}

/// Checks a version. Calls `progress` before each check, with the number of finished checks, the number of all checks
/// and the next check.
///
/// # Errors
/// Returns the reason if nothing can be checked.
pub fn run(plan: Plan, mut progress: impl FnMut(usize, usize, &Check)) -> Result<Report, RunError> {
    let only = plan.only.clone();
    let is_chosen = |check: &&Check| {
        only.is_empty() || only.iter().any(|name| name == check.id || name == check.area.name())
    };
    let chosen: Vec<&'static Check> = checks::all().filter(is_chosen).collect();
    let start = |address| start_fake_person(address).map_err(|error| RunError::CannotPlay(address, error));
    let fake = plan.play.map(start).transpose()?;
    let mut subject = Subject::new(plan, fake);
    if !subject.answers() {
        return Err(RunError::NoAnswer);
    }
    let learnt = subject.learn();
    let mut findings = Vec::new();
    for (done, check) in chosen.iter().enumerate() {
        progress(done, chosen.len(), check);
        // The state and the requests of one check must not influence the next.
        let _ = subject.set_person(PersonState::Healthy);
        let _ = (subject.person_requests(), subject.take_request_log(), subject.take_exchanges());
        let outcome = (check.run)(&mut subject);
        let _ = subject.person_requests();
        let (exchanges, person_requests) = (subject.take_exchanges(), subject.take_request_log());
        findings.push(Finding { check, outcome, exchanges, person_requests });
    }
    subject.clean_up();
    Ok(Report { learnt, findings })
}
