//! Health erases the record of a deleted person, although neither service uses the other's data.

use serde_json::json;
use storage::{ERASE_AFTER, Registry};
use testkit::{Client, eventually};

use crate::running_lab::RunningLab;
use crate::users::User;

fn wait_for_metric(service: &Client, what: &str, found: impl Fn(&str) -> bool) {
    eventually(what, || {
        let metrics = service.get("/metrics").expect(200).text();
        metrics.lines().any(&found).then_some(())
    });
}

/// Returns how many passes over the feed have failed.
fn failures(health: &Client) -> u64 {
    let metrics = health.get("/metrics").expect(200).text();
    let failures = metrics.lines().find_map(|line| line.strip_prefix("purge_failures_total "));
    failures.expect("a metric").parse().expect("a number")
}

/// Waits until health has erased one record since its start.
fn wait_until_erased(health: &Client) {
    wait_for_metric(health, "the record is erased", |line| line == "purge_erased_total 1");
}

/// Returns the given ids that have a record in the log of the stopped health service.
fn stored(lab: &RunningLab, ids: &[i64]) -> Vec<i64> {
    let (fatal, _failed) = daemon::fatal();
    let store = health::store::embedded::Embedded::open(
        &lab.path("health.jsonl"),
        ERASE_AFTER,
        fatal,
        &mut Registry::default(),
    );
    let store = store.expect("a valid log");
    let has_record = |id: &i64| store.read(storage::Id::new(*id).expect("an id")).is_some();
    ids.iter().copied().filter(has_record).collect()
}

fn two_measured_persons(ada: &User) -> [i64; 2] {
    ["Ada", "Annabella"].map(|name| ada.create_measured_person(name, &json!({"weight": 70})))
}

#[test]
fn record_of_a_deleted_person_is_erased_for_good() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let [stays, deleted] = two_measured_persons(&ada);
    ada.delete_person(deleted);
    ada.record(deleted).expect_problem(404, "no-such-person");
    wait_until_erased(&ada.health);
    lab.restart();
    ada.record(deleted).expect_problem(404, "no-such-person");
    let _ = ada.record(stays).expect(200);
    // The next person gets neither the id nor the record.
    let next = ada.create_person("Ada again");
    assert!(next > deleted, "{next} after {deleted}");
    ada.record(next).expect_problem(404, "no-health-record");
    lab.stop();
    assert_eq!(stored(&lab, &[stays, deleted]), [stays]);
}

#[test]
fn deletion_is_read_after_restarts_of_both_services() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let [deleted, stays] = two_measured_persons(&ada);
    lab.stop_health();
    ada.delete_person(deleted);
    assert_eq!(stored(&lab, &[deleted, stays]), [deleted, stays]);
    lab.stop_person();
    lab.start_person();
    lab.start_health();
    wait_until_erased(&ada.health);
    lab.stop();
    assert_eq!(stored(&lab, &[deleted, stays]), [stays]);
}

#[test]
fn deletions_are_read_again_once_person_is_back() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.stop_person();
    wait_for_metric(&ada.health, "a purge has failed", |line| {
        line.starts_with("purge_failures_total ") && !line.ends_with(" 0")
    });
    lab.start_person();
    ada.delete_person(id);
    wait_until_erased(&ada.health);
}

#[test]
fn another_person_database_is_refused_and_erases_nothing() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.stop_person();
    lab.start_person_on("another.db");
    for answer in ada.try_everything_on_record(id) {
        answer.expect_problem(503, "person-replaced");
    }
    // There Eve is the first person, with Ada's id, and is deleted.
    let eve = lab.sign_up("eve");
    assert_eq!(eve.create_person("Eve"), id);
    eve.record(id).expect_problem(503, "person-replaced");
    eve.delete_person(id);
    // Health reads the feed of that database before the right one is back.
    wait_for_metric(&ada.person, "health has read the feed", |line| {
        ["http_requests_total{", "/persons/deleted", "200"].iter().all(|part| line.contains(part))
    });
    let failed = failures(&ada.health);
    eventually("later passes fail", || (failures(&ada.health) > failed + 1).then_some(()));
    lab.stop_person();
    lab.start_person();
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
}

#[test]
fn deletions_of_an_older_copy_put_back_by_hand_are_read() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let [first, second] = two_measured_persons(&ada);
    lab.stop_person();
    std::fs::copy(lab.path("person.db"), lab.path("older.db")).expect("the folder is ours");
    lab.start_person();
    ada.delete_person(first);
    wait_until_erased(&ada.health);
    lab.stop_person();
    lab.start_person_on("older.db");
    // Health finds that its position is beyond the end, and begins again.
    wait_for_metric(&ada.health, "the position is given up", |line| line == "purge_pending 0");
    // This deletion gets the number of the first one.
    ada.delete_person(second);
    wait_for_metric(&ada.health, "the record is erased", |line| line == "purge_erased_total 2");
    lab.stop();
    assert_eq!(stored(&lab, &[first, second]), Vec::<i64>::new());
}
