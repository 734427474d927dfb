//! `health adopt`: health accepts a new database of person, and sets the records of the old one aside.

use testkit::{FakePerson, Response, TestDir};

use crate::harness::{ada_at, dir, etag, path, record};
use crate::log;

const OLD: &str = "0d2f5c9e-6b1a-4c3d-9f7e-1a2b3c4d5e6f";
const NEW: &str = "ffffffff-6b1a-4c3d-9f7e-1a2b3c4d5e6f";

/// A folder with the record of person 7, whom the old database knows. Returns the ETag of the record too.
fn with_record(person: &FakePerson) -> (TestDir, String) {
    person.set_store(Some(OLD));
    let dir = dir(person);
    let mut service = dir.serve();
    let version = etag(&ada_at(&mut service).post(&path(7), &record()).expect(201));
    service.signal("TERM");
    assert!(service.ended().success());
    (dir, version)
}

/// Runs the command and checks that it changes no file; returns its exit code and its output.
fn changing_nothing(dir: &TestDir) -> (Option<i32>, String) {
    let before = dir.files();
    let ended = dir.run(&["adopt"], &[]);
    let mut after = dir.files();
    // A lock file holds nothing.
    after.retain(|name, _| before.contains_key(name) || !name.ends_with(".lock"));
    assert!(after == before, "{:?} became {:?}", before.keys(), after.keys());
    (ended.code, ended.out + &ended.err)
}

#[test]
fn new_database_is_adopted_without_the_old_records() {
    let person = FakePerson::start();
    for (new, origin) in [(Some(NEW), NEW), (None, "null")] {
        let (dir, version) = with_record(&person);
        let before = dir.files()["store"].clone();
        person.set_store(new);
        ada_at(&mut dir.serve()).get(&path(7)).expect_problem(503, "person-replaced");
        let ended = dir.run(&["adopt"], &[]);
        assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
        let kept = dir.named(".replaced-");
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert!(dir.files()[&kept[0]] == before);
        let said = format!("records set aside: 1, kept in {}.\n", dir.text(&kept[0]));
        assert!(ended.out.ends_with(&said), "{}", ended.out);
        let lines = log::read(&dir.path("store"));
        assert_eq!(lines[1]["mark"], 0);
        assert_eq!(lines[1]["origin"].as_str().unwrap_or("null"), origin);
        let mut service = dir.serve();
        let ada = ada_at(&mut service);
        ada.get(&path(7)).expect_problem(404, "no-health-record");
        // A version of the old record does not match the new one.
        let again = ada.post(&path(7), &record()).expect(201);
        assert!(number(&etag(&again)) > number(&version), "{} after {version}", etag(&again));
        assert_eq!(changing_nothing(&dir).0, Some(0), "{origin} is known now");
    }
}

fn number(etag: &str) -> u64 {
    etag.trim_matches('"').parse().expect("a number")
}

#[test]
fn adopting_the_known_database_changes_nothing() {
    let person = FakePerson::start();
    let (known, _) = with_record(&person);
    let (code, said) = changing_nothing(&known);
    assert_eq!(code, Some(0));
    assert!(said.ends_with("belongs to this database of person already; nothing was changed.\n"), "{said}");
}

#[test]
fn adopting_the_first_database_changes_nothing() {
    let person = FakePerson::start();
    let dir = dir(&person);
    dir.write("store", log::empty());
    person.set_store(Some(NEW));
    let (code, said) = changing_nothing(&dir);
    assert_eq!(code, Some(0));
    assert!(said.ends_with("belongs to no database of person yet; nothing was changed.\n"), "{said}");
}

#[test]
fn adopting_fails_without_an_answer_or_a_free_log() {
    let mut person = FakePerson::start();
    let (dir, _) = with_record(&person);
    person.set_store(Some(NEW));
    let mut service = dir.serve();
    let _ = service.client().get("/readyz").expect(200);
    let refused = |words: &str| {
        let (code, said) = changing_nothing(&dir);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with("health: ") && said.contains(words), "{words} in {said}");
    };
    refused("store is in use by another process");
    service.signal("TERM");
    assert!(service.ended().success());
    person.says_of_deletions(Response::status(401));
    refused(&format!("cannot ask person at {}: person answered 401", person.url()));
    person.stop_listening();
    refused(&format!("cannot ask person at {}: ", person.url()));
    let missing = dir.text("no/such/store");
    let ended = dir.run(&["adopt"], &[("HEALTH_FILE", &missing)]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(&missing) && !dir.path("no").exists(), "{}", ended.err);
    dir.write("store", [log::empty(), log::put(3, [3, 3], 7, 70.0)].concat());
    refused("store is damaged in line 4; nothing was changed");
}
