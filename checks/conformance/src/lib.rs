//! Checks a version of the lab, in whatever language it is written, over HTTP. It knows the lab's text and HTTP, and
//! none of the services of this workspace. Start with `checks`, where each promise is tried.

mod check;
pub mod checks;
mod fields;
mod http;
mod jwt;
pub mod report;
mod shape;
mod subject;
mod text;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

pub use check::{Area, Check, Finding, Level, Stop};
pub use fields::{Fields, Login};
pub use http::Exchange;
pub use report::Report;
pub use text::{Lang, Text};

use subject::{PersonState, Subject, start_fake_person};

/// The version to check, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where person answers, if it is to be checked.
    pub person: Option<String>,
    /// Where health answers.
    pub health: Option<String>,
    /// Where auth answers.
    pub auth: Option<String>,
    /// Where the health service under test looks for person: there the checker plays it.
    pub play: Option<SocketAddr>,
    /// A token to go with every request.
    pub token: Option<String>,
    /// What the version is told to be like.
    pub fields: Fields,
    /// How long an answer is waited for.
    pub patience: Duration,
    /// The checks to run, by id or by area; all if empty.
    pub only: Vec<String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            person: None,
            health: None,
            auth: None,
            play: None,
            token: None,
            fields: Fields::default(),
            patience: Duration::from_secs(10),
            only: Vec::new(),
        }
    }
}

/// Why nothing was checked.
#[derive(Debug)]
pub enum Refusal {
    /// Person cannot be played at that address.
    CannotPlay(SocketAddr, io::Error),
    /// None of the services answers.
    NobodyAnswers,
}

/// Checks a version; `progress` is called before each check, with how many are done, how many there are, and which
/// comes next.
///
/// # Errors
/// Where there is nothing to check.
pub fn run(plan: Plan, mut progress: impl FnMut(usize, usize, &Check)) -> Result<Report, Refusal> {
    let only = plan.only.clone();
    let is_wanted = |check: &&Check| {
        only.is_empty() || only.iter().any(|name| name == check.id || name == check.area.name())
    };
    let chosen: Vec<&'static Check> = checks::all().filter(is_wanted).collect();
    let start = |address| start_fake_person(address).map_err(|error| Refusal::CannotPlay(address, error));
    let fake = plan.play.map(start).transpose()?;
    let mut subject = Subject::new(plan, fake);
    if !subject.answers() {
        return Err(Refusal::NobodyAnswers);
    }
    let learnt = subject.learn();
    let mut findings = Vec::new();
    for (done, check) in chosen.iter().enumerate() {
        progress(done, chosen.len(), check);
        // One check must not be judged by what another had the fake person service do.
        let _ = subject.set_person(PersonState::Healthy);
        let _ = (subject.person_requests(), subject.take_request_log(), subject.take_trail());
        let outcome = (check.run)(&mut subject);
        let _ = subject.person_requests();
        findings.push(Finding {
            check,
            outcome,
            exchanges: subject.take_trail(),
            asked: subject.take_request_log(),
        });
    }
    subject.tidy_up();
    Ok(Report { learnt, findings })
}
