//! A PostgreSQL that stops, crashes and comes back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::{Client, PostgresServer, eventually};

use super::location;
use crate::service::{LIMIT, PersonService, pages};

/// Asserts that the answer asks to come back, and that nothing was changed.
#[track_caller]
fn refused(answer: testkit::Answer) {
    assert_eq!(answer.header("retry-after"), Some("1"), "{}", answer.text());
    answer.expect_problem(503, "not-ready");
}

fn wait_until_not_ready(service: &PersonService) {
    eventually("the service is not ready", || {
        (service.anonymous().get("/readyz").status == 503).then_some(())
    });
}

#[test]
fn without_a_primary_every_call_is_503_until_it_is_back() {
    let mut server = PostgresServer::start();
    let service = PersonService::at(location(&server.create_database()), LIMIT);
    let id = service.create("Ada");
    let path = format!("/persons/{id}");
    let read = service.ada().get(&path).expect(200);
    server.stop("INT");
    refused(service.ada().get(&path));
    refused(service.ada().get("/persons"));
    refused(service.ada().post("/persons", &json!({"name": "Bob"})));
    refused(service.ada().put(&path, &json!({"name": "Eve"})));
    refused(service.ada().delete(&path));
    refused(service.health().get("/persons/deleted"));
    wait_until_not_ready(&service);
    let _ = service.anonymous().get("/livez").expect(200);
    server.resume();
    service.wait_until_ready();
    let again = service.ada().get(&path).expect(200);
    assert_eq!((again.text(), again.header("etag")), (read.text(), read.header("etag")));
    assert!(service.create("Bob") > id);
    assert_eq!(service.list().as_array().map(Vec::len), Some(2));
}

#[test]
fn connections_that_a_restart_broke_are_replaced_unseen() {
    let mut server = PostgresServer::start();
    let service = PersonService::at(location(&server.create_database()), LIMIT);
    let id = service.create("Ada");
    for _ in 0..3 {
        server.stop("INT");
        server.resume();
        // Not a 503: the statement is known not to have run, and is repeated.
        let _ = service.ada().put(&format!("/persons/{id}"), &json!({"name": "Eve"})).expect(200);
    }
}

#[test]
fn service_starts_before_its_database() {
    let mut server = PostgresServer::start();
    let url = server.create_database();
    server.stop("INT");
    let dir = crate::service::test_dir().with("PERSON_DB", &url);
    let mut process = dir.serve();
    let client = process.client();
    let _ = client.get("/livez").expect(200);
    let _ = client.get("/readyz").expect(503);
    server.resume();
    eventually("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_by_crashes() {
    let mut server = PostgresServer::start();
    let location = location(&server.create_database());
    let replicas = [(); 2].map(|()| PersonService::at(location.clone(), 1_000_000));
    let (done, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let acknowledged: Vec<Vec<String>> = thread::scope(|scope| {
        let write = |writer: usize, client: Client| {
            let (done, count, mut names) = (&done, &count, Vec::new());
            move || {
                for i in 0.. {
                    if done.load(Ordering::SeqCst) {
                        break;
                    }
                    let name = format!("{writer}-{i}");
                    if client.post("/persons", &json!({"name": name})).status == 201 {
                        names.push(name);
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                }
                names
            }
        };
        let writers: Vec<_> = (0..8).map(|i| scope.spawn(write(i, replicas[i % 2].ada()))).collect();
        for _ in 0..4 {
            let before = count.load(Ordering::SeqCst);
            eventually("some writes are acknowledged", || {
                (count.load(Ordering::SeqCst) > before + 20).then_some(())
            });
            server.stop("QUIT");
            server.resume();
        }
        done.store(true, Ordering::SeqCst);
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    });
    replicas[1].wait_until_ready();
    let stored: Vec<String> = pages(&replicas[1].ada(), "/persons?limit=1000")
        .iter()
        .flat_map(|page| page.json().as_array().expect("an array").clone())
        .map(|person| person["name"].as_str().expect("a name").to_owned())
        .collect();
    let of = |name: &String| stored.iter().filter(|other| *other == name).count();
    let wrong: Vec<_> =
        acknowledged.iter().flatten().map(|name| (name, of(name))).filter(|(_, n)| *n != 1).collect();
    assert_eq!(wrong, [], "of {} acknowledged", acknowledged.concat().len());
}
