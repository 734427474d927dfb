//! Writes while PostgreSQL crashes: nothing acknowledged is lost, and nothing is made twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use testkit::{PostgresServer, StopOnDrop, eventually};

use super::{either, location};
use crate::service::{PersonService, pages};

fn two_replicas(url: &str) -> [PersonService; 2] {
    [(); 2].map(|()| PersonService::at(location(url), 1_000_000))
}

/// Creates persons at both replicas while `disturb` runs, which may wait for further acknowledged writes. Returns the
/// acknowledged names.
fn create_during(replicas: &[PersonService; 2], disturb: impl FnOnce(&dyn Fn())) -> Vec<String> {
    let (done, count) = (AtomicBool::new(false), AtomicUsize::new(0));
    let write = |writer: usize| {
        let (client, mut names) = (replicas[writer % 2].user(&format!("user{writer}")), Vec::new());
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
    };
    let wait = || {
        let before = count.load(Ordering::SeqCst);
        eventually("writes are acknowledged", || (count.load(Ordering::SeqCst) > before + 50).then_some(()));
    };
    let write = &write;
    thread::scope(|scope| {
        let writers: Vec<_> = (0..8).map(|writer| scope.spawn(move || write(writer))).collect();
        let stop = StopOnDrop(&done);
        disturb(&wait);
        drop(stop);
        writers.into_iter().flat_map(|writer| writer.join().expect("no panic")).collect()
    })
}

#[track_caller]
fn each_is_stored_once(service: &PersonService, acknowledged: &[String]) {
    let mut stored = BTreeMap::new();
    for page in pages(&service.admin(), "/persons?limit=1000") {
        for person in page.json().as_array().expect("a list") {
            *stored.entry(person["name"].as_str().expect("a name").to_owned()).or_insert(0) += 1;
        }
    }
    let lost: Vec<_> = acknowledged.iter().filter(|name| !stored.contains_key(*name)).collect();
    let doubled: Vec<_> = stored.iter().filter(|(_, times)| **times > 1).collect();
    println!("{} acknowledged, {} lost, {} doubled", acknowledged.len(), lost.len(), doubled.len());
    assert!(lost.is_empty() && doubled.is_empty(), "lost {lost:?}, doubled {doubled:?}");
}

#[test]
fn crashes_of_the_server_lose_and_double_nothing() {
    let mut server = PostgresServer::start();
    let replicas = two_replicas(&server.create_database());
    let acknowledged = create_during(&replicas, |wait| {
        for _ in 0..4 {
            wait();
            server.stop("QUIT");
            server.resume();
        }
        wait();
    });
    each_is_stored_once(&replicas[0], &acknowledged);
}

#[test]
fn failover_to_a_synchronous_standby_loses_nothing() {
    let mut primary = PostgresServer::start();
    primary.create_database();
    let standby = primary.add_synchronous_standby();
    let replicas = two_replicas(&either(&primary, &standby, "test0"));
    let acknowledged = create_during(&replicas, |wait| {
        wait();
        primary.stop("QUIT");
        standby.promote();
        wait();
    });
    each_is_stored_once(&replicas[0], &acknowledged);
}

#[test]
fn write_without_its_standby_is_outcome_unknown() {
    let primary = PostgresServer::start();
    let url = primary.create_database();
    let mut standby = primary.add_synchronous_standby();
    let service = PersonService::at(location(&url), 1_000_000);
    let create = |name: &str| {
        let call = service.ada().call("POST", "/persons").header("Idempotency-Key", name);
        call.json(&json!({"name": name})).send()
    };
    let id = create("Ada").expect(201).json()["id"].clone();
    standby.stop("INT");
    create("Bob").expect_problem(503, "outcome-unknown");
    let _ = service.ada().get(&format!("/persons/{id}")).expect(200);
    standby.resume();
    eventually("the key can be repeated", || (create("Bob").status == 201).then_some(()));
    assert_eq!(service.list().as_array().map(Vec::len), Some(2));
}
