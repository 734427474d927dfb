//! Our own services pass every check, also those that look at health from person's side.

use std::net::SocketAddr;
use std::time::Duration;

use conformance::report::Format;
use conformance::{Area, Lang, Level, Plan, Report, checks};
use tempfile::TempDir;
use testkit::{InProcess, tokens};

use super::bad_lab::{free_port, own_address};

/// So long that the feed of deletions is asked for once, at the start.
const HARDLY_EVER: Duration = Duration::from_secs(3600);

/// The three services; health asks for persons at `person_url`, or else at the real person service.
struct OurLab {
    person: InProcess,
    health: InProcess,
    auth: InProcess,
    _folder: TempDir,
}

impl OurLab {
    fn start(person_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let db = |name: &str| folder.path().join(name);
        let config = auth::config::Config { db: db("auth"), keys: tokens::keys() };
        let auth = InProcess::start(move |listener, shutdown| auth::start(config, listener, shutdown))
            .expect("it starts");
        let config = person::config::Config { db: db("person"), keys: tokens::keys() };
        let person = InProcess::start(move |listener, shutdown| person::start(config, listener, shutdown))
            .expect("it starts");
        let person_url = person_url.unwrap_or_else(|| format!("http://{}", person.address()));
        let config = health::config::Config {
            file: db("health"),
            person_url,
            purge_every: HARDLY_EVER,
            keys: tokens::keys(),
        };
        let health = InProcess::start(move |listener, shutdown| health::start(config, listener, shutdown))
            .expect("it starts");
        Self { person, health, auth, _folder: folder }
    }

    fn check(&self, play: Option<SocketAddr>) -> Report {
        let url = |service: &InProcess| Some(format!("http://{}", service.address()));
        let plan = Plan {
            person: url(&self.person),
            health: url(&self.health),
            auth: url(&self.auth),
            play,
            ..Plan::default()
        };
        conformance::run(plan, |_, _, _| {}).expect("it answers")
    }
}

#[test]
fn our_services_pass_every_check() {
    let play = free_port(own_address());
    let report = OurLab::start(Some(format!("http://{play}"))).check(Some(play));
    let passed = report.findings.iter().filter(|finding| finding.verdict() == "passed").count();
    assert_eq!(passed, checks::all().count(), "{}", shown(&report));
}

#[test]
fn our_services_fail_no_check_where_health_asks_the_real_person_service() {
    let report = OurLab::start(None).check(None);
    let failed = Level::ALL.into_iter().map(|level| report.count(level, "failed")).sum::<usize>();
    assert_eq!(failed, 0, "{}", shown(&report));
    let without_person = report.findings.iter().filter(|finding| finding.check.area != Area::Rule);
    let skipped = without_person.filter(|finding| finding.verdict() == "skipped").count();
    assert_eq!(skipped, 0, "{}", shown(&report));
}

fn shown(report: &Report) -> String {
    report.show(Format::Terminal { colour: false }, Lang::En)
}
