//! Runs the checks of a plan.

use std::io;
use std::net::SocketAddr;

use crate::check::{Check, Danger};
use crate::checks;
use crate::finding::{Finding, Report};
use crate::grid::is_named;
use crate::outcome::{Failure, Stop};
use crate::person::{PersonState, start_fake_person};
use crate::plan::Plan;
use crate::subject::Subject;
use crate::subject::door::LOCKED_OUT;
use crate::text::{Text, text};

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
    let is_chosen = |check: &&Check| only.is_empty() || only.iter().any(|name| is_named(check, name));
    let chosen: Vec<&'static Check> = checks::all().filter(is_chosen).collect();
    let play = plan.play;
    let may_destroy = plan.may_destroy;
    let mut subject = Subject::new(plan);
    if !subject.answers() {
        return Err(RunError::NoAnswer);
    }
    subject.find_entry();
    if let Some(address) = play {
        subject
            .play_person(start_fake_person(address).map_err(|error| RunError::CannotPlay(address, error))?);
    }
    let learnt = subject.learn();
    // Checks that can break the store run last, and the comparison with the copy after them.
    let mut order: Vec<_> = chosen.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, check)| check.danger());
    let mut findings = Vec::new();
    for (done, (place, check)) in order.into_iter().enumerate() {
        progress(done, chosen.len(), check);
        // The state and the requests of one check must not influence the next.
        let _ = subject.set_person(PersonState::Healthy);
        let ready = match check.danger() {
            Danger::MayDestroy if !may_destroy => Err(Stop::Skipped(MAY_DESTROY)),
            _ => checks::needs(check).iter().try_for_each(|route| subject.must_work(*route)),
        };
        let _ = (subject.person_requests(), subject.take_request_log(), subject.take_exchanges());
        let outcome = ready.and_then(|()| (check.run)(&mut subject));
        let _ = subject.person_requests();
        let (exchanges, person_requests) = (subject.take_exchanges(), subject.take_request_log());
        let outcome = match outcome {
            Err(Stop::Failed(Failure { exchange: Some(exchange), .. }))
                if subject.is_locked_out(&exchange) =>
            {
                Err(Stop::Skipped(LOCKED_OUT))
            }
            outcome => outcome,
        };
        findings.push((place, Finding { check, outcome, exchanges, person_requests }));
    }
    subject.clean_up();
    findings.sort_by_key(|(place, _)| *place);
    Ok(Report {
        learnt,
        is_locked_out: subject.has_locked_door(),
        findings: findings.into_iter().map(|(_, finding)| finding).collect(),
    })
}

const MAY_DESTROY: Text = text(
    "two writers at once can break a store and lose its data: `--may-destroy` runs it",
    "deux écritures à la fois peuvent casser un fichier et perdre ses données : `--may-destroy` le lance",
);
