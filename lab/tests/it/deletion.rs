//! When a person is deleted their health record goes too, though no service reaches into the other.

use serde_json::json;
use testkit::{Client, eventually};

use crate::lab::Lab;
use crate::users::User;

/// Waits until health says that it has erased so many records since it was started.
fn wait_until_erased(health: &Client, records: u64) {
    eventually("the record is erased", || {
        let metrics = health.get("/metrics").expect(200).text();
        metrics.lines().any(|line| line == format!("purge_erased_total {records}")).then_some(())
    });
}

/// Whose records are held, read from the log of a lab that is stopped.
fn held(lab: &Lab, ids: &[i64]) -> Vec<i64> {
    let (fatal, _failed) = daemon::fatal();
    let store = health::store::Store::open(
        &lab.path("health.jsonl"),
        fatal,
        &mut chassis::metrics::Metrics::default(),
    );
    let store = store.expect("the log can be read");
    let is_held = |id: &i64| store.read(chassis::Id::new(*id).expect("an id")).is_some();
    ids.iter().copied().filter(is_held).collect()
}

fn two_measured_persons(ada: &User) -> [i64; 2] {
    ["Ada", "Annabella"].map(|name| ada.create_measured_person(name, &json!({"weight": 70})))
}

#[test]
fn the_record_of_a_deleted_person_is_erased_and_stays_so_after_a_restart_of_everything() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let [gone, stays] = two_measured_persons(&ada);
    ada.delete_person(gone);
    ada.record(gone).expect_problem(404, "no-such-person");
    wait_until_erased(&ada.health, 1);
    lab.restart();
    ada.record(gone).expect_problem(404, "no-such-person");
    let _ = ada.record(stays).expect(200);
    lab.stop();
    assert_eq!(held(&lab, &[gone, stays]), [stays]);
}

#[test]
fn a_person_deleted_while_health_was_away_is_erased_when_it_is_back_though_person_was_restarted_too() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let [gone, stays] = two_measured_persons(&ada);
    lab.stop_health();
    ada.delete_person(gone);
    assert_eq!(held(&lab, &[gone, stays]), [gone, stays]);
    lab.stop_person();
    lab.start_person();
    lab.start_health();
    wait_until_erased(&ada.health, 1);
    lab.stop();
    assert_eq!(held(&lab, &[gone, stays]), [stays]);
}

#[test]
fn health_follows_again_once_person_is_back() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let [gone, _] = two_measured_persons(&ada);
    lab.stop_person();
    eventually("health has noticed", || {
        let metrics = ada.health.get("/metrics").expect(200).text();
        metrics
            .lines()
            .any(|line| line.starts_with("purge_failures_total ") && !line.ends_with(" 0"))
            .then_some(())
    });
    lab.start_person();
    ada.delete_person(gone);
    wait_until_erased(&ada.health, 1);
}

#[test]
fn the_next_person_inherits_neither_the_id_nor_the_record() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let [_, last] = two_measured_persons(&ada);
    ada.delete_person(last);
    lab.restart();
    let next = ada.create_person("Ada again");
    assert!(next > last, "{next} after {last}");
    ada.record(next).expect_problem(404, "no-health-record");
}

#[test]
fn a_person_database_restored_from_an_old_backup_erases_nothing() {
    let mut lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.stop_person();
    lab.start_person_on("older.db");
    for answer in ada.try_everything_on_record(id) {
        answer.expect_problem(404, "no-such-person");
    }
    // Let it follow the feed of that database before the right one is back.
    let passes = || {
        let [_, person, _] = lab.strangers();
        let metrics = person.get("/metrics").expect(200).text();
        metrics.lines().any(|line| {
            line.starts_with("http_requests_total{")
                && line.contains("/persons/deleted")
                && line.contains("200")
        })
    };
    eventually("health has followed it", || passes().then_some(()));
    lab.stop_person();
    lab.start_person();
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
}
