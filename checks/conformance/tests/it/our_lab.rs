//! Our services pass every check, with a fake and with the real person service.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use conformance::{Plan, Report, checks};
use tempfile::TempDir;
use testkit::{InProcess, tokens};

use super::bad_lab::{free_port, own_address};
use super::{ids, shown};

/// Longer than any test: health reads the feed of deletions only once, at the start, and no file is rewritten.
const NEVER: Duration = Duration::from_secs(3600);

/// The three services. Health calls `person_url`, by default the real person service.
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
        let config = auth::config::Config {
            db: auth::store::Location::File(db("auth")),
            keys: tokens::keys(),
            erase_after: NEVER,
            settings: Default::default(),
        };
        let auth = InProcess::start(move |listener, shutdown| auth::start(config, listener, shutdown))
            .expect("it starts");
        let config = person::config::Config {
            db: person::store::Location::File(db("person")),
            limit: 10_000,
            keys: tokens::keys(),
            erase_after: NEVER,
            settings: Default::default(),
        };
        let person = InProcess::start(move |listener, shutdown| person::start(config, listener, shutdown))
            .expect("it starts");
        let person_url = person_url.unwrap_or_else(|| format!("http://{}", person.address()));
        let config = health::config::Config {
            file: health::store::Location::File(db("health")),
            person_url,
            purge_every: NEVER,
            keys: tokens::keys(),
            erase_after: NEVER,
            settings: Default::default(),
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
            restart: Some("true".to_owned()),
            may_destroy: true,
            ..Plan::default()
        };
        conformance::run(plan, |_, _, _| {}).expect("it answers")
    }
}

#[test]
fn our_services_pass_every_check() {
    let play = free_port(own_address());
    let report = OurLab::start(Some(format!("http://{play}"))).check(Some(play));
    assert_eq!(ids(&report, "passed").len(), checks::all().count(), "{}", shown(&report));
}

#[test]
fn our_services_pass_with_the_real_person_service() {
    let report = OurLab::start(None).check(None);
    assert_eq!(ids(&report, "failed"), BTreeSet::new(), "{}", shown(&report));
    assert!(ids(&report, "skipped").iter().all(|id| id.starts_with("rule-")), "{}", shown(&report));
}
