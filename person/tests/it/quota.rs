//! The number of persons that one account may own.

use std::thread;

use serde_json::json;
use sqlite::rusqlite::Connection;

use crate::ownership::without_accounts;
use crate::service::{LIMIT, PersonService, create};

#[test]
fn person_beyond_the_limit_is_403() {
    let mut service = PersonService::with_limit(3);
    let ids = [(); 3].map(|()| service.create("Ada"));
    let one_more = |service: &PersonService| service.ada().post("/persons", &json!({"name": "Ada"}));
    one_more(&service).expect_problem(403, "limit-reached");
    service.restart();
    let answer = one_more(&service).expect_problem(403, "limit-reached");
    assert_eq!(answer.header("www-authenticate"), None, "another token does not help");
    // Other accounts have their own limit, that of the same name too; administrators have none.
    create(&service.user("bob"), "Bob");
    create(&service.second("ada"), "Eve");
    for _ in 0..5 {
        create(&service.admin(), "Ada");
    }
    // What exists can be read and changed; a deletion makes room.
    let path = format!("/persons/{}", ids[1]);
    let _ = service.ada().put(&path, &json!({"name": "Countess"})).expect(200);
    let _ = service.ada().delete(&path).expect(204);
    service.create("Ada");
    one_more(&service).expect_problem(403, "limit-reached");
}

#[test]
fn concurrent_creations_do_not_exceed_the_limit() {
    let service = PersonService::with_limit(5);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let post = || service.ada().post("/persons", &json!({"name": "Ada"})).status;
        let requests: Vec<_> = (0..20).map(|_| scope.spawn(post)).collect();
        requests.into_iter().map(|request| request.join().expect("no panic")).collect()
    });
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(403)), (5, 15), "{statuses:?}");
    assert_eq!(service.list().as_array().map(Vec::len), Some(5));
}

#[test]
fn claimed_persons_count() {
    let service = PersonService::on_file(4, without_accounts);
    service.create("Ada");
    service.ada().post("/persons", &json!({"name": "Ada"})).expect_problem(403, "limit-reached");
    let _ = service.ada().delete("/persons/1").expect(204);
    service.create("Ada");
    // An administrator deletes a person that nobody has claimed.
    let _ = service.admin().delete("/persons/2").expect(204);
    create(&service.user("bob"), "Bob");
    create(&service.user("bob"), "Bob");
    service.user("bob").post("/persons", &json!({"name": "Bob"})).expect_problem(403, "limit-reached");
}

#[test]
fn account_without_persons_leaves_no_count() {
    let service = PersonService::on_file(LIMIT, |_| {});
    for id in [(); 2].map(|()| service.create("Ada")) {
        let _ = service.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    let db = Connection::open(service.db()).expect("the database");
    let counts: i64 = db.query_row("SELECT count(*) FROM account", [], |row| row.get(0)).expect("a row");
    assert_eq!(counts, 0);
}
