//! The commands, with the address of a cluster.

use testkit::{FakePerson, Response};

use super::{create_database, query};
use crate::harness::{ada_at, dir, etag, path, record};

#[test]
fn new_database_is_adopted_while_the_service_runs() {
    let (person, url) = (FakePerson::start(), create_database());
    let dir = dir(&person).with("HEALTH_FILE", &url);
    let adopt = || dir.run(&["adopt"], &[]);
    let said = adopt().out;
    assert!(said.ends_with("belongs to no database of person yet; nothing was changed.\n"), "{said}");
    person.set_store(Some("old"));
    let mut service = dir.serve();
    let ada = ada_at(&mut service);
    testkit::eventually("it is ready", || (ada.get("/readyz").status == 200).then_some(()));
    let before = etag(&ada.post(&path(7), &record()).expect(201));
    let said = adopt().out;
    assert!(said.ends_with("belongs to this database of person already; nothing was changed.\n"), "{said}");
    person.says_of_deletions(Response::status(401));
    let ended = adopt();
    assert!(ended.code == Some(1) && ended.err.contains("person answered 401"), "{}", ended.err);
    person.says_of_deletions(Response::Person);
    for new in [Some("new"), None] {
        person.set_store(new);
        ada.get(&path(7)).expect_problem(503, "person-replaced");
        let ended = adopt();
        assert!(ended.code == Some(0) && ended.out.contains("records set aside: 1, "), "{}", ended.out);
        ada.get(&path(7)).expect_problem(404, "no-health-record");
        assert_ne!(etag(&ada.post(&path(7), &record()).expect(201)), before);
    }
    assert_eq!(query(&url, "SELECT count(DISTINCT version), count(vitals) FROM record"), "3|3");
}
