//! A replica is lost, or the database.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use conformance::report::Format;
use conformance::{Lang, Plan};
use serde_json::json;
use testkit::{StopOnDrop, eventually};

use crate::compose::stack::Stack;
use crate::users::User;

const CALLERS: usize = 4;
/// The requests in each phase of the test. They must reach both replicas, and outlast the checks of the balancer.
const ENOUGH: usize = 200;
/// Answers of a service on a busy machine: the balancer has lost nothing.
const BUSY: [&str; 2] = ["/problems/too-busy", "/problems/person-timeout"];

/// What the callers have seen.
#[derive(Default)]
struct Calls {
    stop: AtomicBool,
    answered: AtomicUsize,
    created: Mutex<Vec<String>>,
    failed: Mutex<Vec<String>>,
}

impl Calls {
    /// Creates persons and reads them, and health records through health's lookups, until `stop` is set.
    fn call(&self, ada: &User, measured: i64, caller: usize) {
        for number in (0..).take_while(|_| !self.stop.load(Ordering::SeqCst)) {
            let name = format!("{caller}/{number}");
            let create = ada.person.call("POST", "/persons").json(&json!({"name": name}));
            let list = ada.person.call("GET", "/persons?limit=1");
            let read = ada.health.call("GET", &format!("/health/{measured}"));
            for (request, status) in [(create, 201), (list, 200), (read, 200)] {
                let failure = match request.try_send() {
                    Ok(answer) if answer.status == status => {
                        self.answered.fetch_add(1, Ordering::SeqCst);
                        if status == 201 {
                            self.created.lock().expect("no panic").push(name.clone());
                        }
                        continue;
                    }
                    Ok(answer) => answer.text(),
                    Err(error) => error.to_string(),
                };
                if !BUSY.iter().any(|answer| failure.contains(answer)) {
                    self.failed.lock().expect("no panic").push(failure);
                }
            }
        }
    }

    fn wait_for_more(&self) {
        let before = self.answered.load(Ordering::SeqCst);
        eventually("requests are answered", || {
            (self.answered.load(Ordering::SeqCst) > before + ENOUGH).then_some(())
        });
    }

    fn failures(&self) -> Vec<String> {
        self.failed.lock().expect("no panic").clone()
    }
}

/// Waits until a container has logged more answers to creations.
fn wait_until_it_creates(stack: &Stack, container: &str) {
    let creations = || stack.docker(&["logs", container]).err.matches("\"POST\"").count();
    let before = creations();
    eventually("the replica is used", || (creations() > before).then_some(()));
}

#[test]
fn killed_replica_costs_only_the_requests_in_flight() {
    let stack = Stack::cluster();
    let ada = stack.services().sign_up("ada");
    let measured = ada.create_measured_person("Ada", &json!({"weight": 57}));
    let calls = Calls::default();
    thread::scope(|scope| {
        let _stop = StopOnDrop(&calls.stop);
        for caller in 0..CALLERS {
            let (calls, ada) = (&calls, &ada);
            scope.spawn(move || calls.call(ada, measured, caller));
        }
        for replica in stack.containers("person") {
            wait_until_it_creates(&stack, &replica);
            let before = calls.failures().len();
            stack.docker(&["kill", &replica]);
            // A caller has one request in flight, which may fail a little after the kill.
            calls.wait_for_more();
            let in_flight = calls.failures();
            assert!(in_flight.len() <= before + CALLERS, "{in_flight:?}");
            calls.wait_for_more();
            assert_eq!(calls.failures().len(), in_flight.len(), "{:?}", calls.failures());
            stack.docker(&["start", &replica]);
            wait_until_it_creates(&stack, &replica);
        }
    });
    // No creation was repeated, and none that was acknowledged is missing.
    let created = calls.created.into_inner().expect("no panic");
    let mut after = 0;
    let mut stored = Vec::new();
    loop {
        let page = ada.person.get(&format!("/persons?limit=1000&after={after}")).expect(200).json();
        let page = page.as_array().expect("an array").clone();
        let Some(last) = page.last() else { break };
        let id = last["id"].as_i64().expect("an id");
        assert!(id > after, "the pages never end");
        after = id;
        stored.extend(page.iter().map(|person| person["name"].as_str().expect("a name").to_owned()));
    }
    let names: BTreeSet<_> = stored.iter().collect();
    assert_eq!(names.len(), stored.len(), "a person was created twice");
    assert!(created.iter().all(|name| names.contains(name)), "an acknowledged person is missing");
}

#[test]
fn without_a_database_callers_get_the_answer_of_the_service() {
    let stack = Stack::cluster();
    let ada = stack.services().sign_up("ada");
    let postgres = stack.container("postgres");
    stack.docker(&["kill", &postgres]);
    eventually("the balancer sees that no replica is ready", || {
        (ada.person.get("/readyz").status == 503).then_some(())
    });
    let answer = ada.person.get("/persons").expect_problem(503, "not-ready");
    assert!(answer.header("retry-after").is_some());
    let _ = ada.person.get("/livez").expect(200);
    stack.docker(&["start", &postgres]);
    eventually("the replicas are ready again", || (ada.person.get("/persons").status == 200).then_some(()));
}

#[test]
fn replicas_pass_every_check_of_conformance() {
    let stack = Stack::cluster();
    let services = stack.services();
    let url = |address| Some(format!("http://{address}"));
    let plan = Plan {
        person: url(services.person),
        health: url(services.health),
        auth: url(services.auth),
        ..Plan::default()
    };
    let report = conformance::run(plan, |_, _, _| {}).expect("it answers");
    let count = |verdict| report.findings.iter().filter(|finding| finding.verdict() == verdict).count();
    let shown = report.show(Format::Terminal { colour: false, verbose: false }, Lang::En);
    // The checks that play person, restart or write at once are not run.
    assert!(count("failed") == 0 && count("passed") > 90, "{shown}");
}
