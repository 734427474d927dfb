//! Every forgery, at every door.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::TcpListener;

use faults::report;
use faults::trio::{Service, Trio};
use serde_json::json;
use testkit::{Answer, tokens};

use super::forgeries::{self, Forgery};
use super::maker::{Maker, key_file};
use super::operations::{For, OPERATIONS, Operation, ask};

#[test]
fn no_forgery_is_let_in_anywhere_and_each_is_refused_for_what_is_wrong_with_it() {
    let trio = Trio::start(&key_file(), &[]);
    furnish(&trio);
    let before = state(&trio);
    // Where forged headers say that keys are to be had; nobody may come for them.
    let keys_elsewhere = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/keys", keys_elsewhere.local_addr().expect("an address"));

    let (mut fewest, mut asked, mut faults) = (usize::MAX, 0, Vec::new());
    for operation in OPERATIONS.iter().filter(|operation| operation.open_to != For::All) {
        let maker = match operation.open_to {
            For::Health => Maker::of_health(),
            _ => Maker::of_a_user(operation.service),
        };
        let forgeries = forgeries::all(&maker, &url);
        fewest = fewest.min(forgeries.len());
        let service = trio.service(operation.service);
        for forgery in &forgeries {
            for method in methods(operation) {
                asked += 1;
                let answer = send(service, operation, method, forgery);
                if let Err(fault) = check(&answer, forgery.reason) {
                    faults.push(format!("{method} {}: {}: {fault}", operation.path, forgery.name));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} of {asked}:\n{}", faults.len(), faults.join("\n"));
    assert!(fewest >= 100, "{fewest} forgeries");
    let changed: Vec<_> =
        state(&trio).into_iter().filter(|(name, now)| before.get(name) != Some(now)).collect();
    assert!(changed.is_empty(), "{changed:?}");
    keys_elsewhere.set_nonblocking(true).expect("a socket takes the option");
    let visitor = keys_elsewhere.accept().expect_err("nobody came for the keys");
    assert_eq!(visitor.kind(), ErrorKind::WouldBlock);
    report("forged tokens", &format!("{fewest} forgeries, {asked} requests to three services"), "0 let in");
}

/// Reading is asked for as `HEAD` too.
fn methods(operation: &Operation) -> Vec<&'static str> {
    if operation.method == "GET" { vec!["GET", "HEAD"] } else { vec![operation.method] }
}

fn send(service: &Service, operation: &Operation, method: &'static str, forgery: &Forgery) -> Answer {
    let path = format!("{}{}", operation.path, forgery.query);
    let call = ask(&service.client, method, &path);
    forgery.lines.iter().fold(call, |call, (name, value)| call.header(name, value)).send()
}

/// Whether the answer is the 401 of the contract, for this reason.
fn check(answer: &Answer, reason: Option<&str>) -> Result<(), String> {
    let expected = "Bearer realm=\"mini-projet\"".to_owned();
    let expected = reason.map_or(expected.clone(), |reason| {
        format!("{expected}, error=\"invalid_token\", error_description=\"{reason}\"")
    });
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    let kind = if reason.is_some() { "/problems/invalid-token" } else { "/problems/missing-token" };
    let is_head = answer.body.is_empty();
    if answer.status == 401 && challenge == expected && (is_head || answer.json()["type"] == kind) {
        return Ok(());
    }
    Err(format!("{} {challenge:?} for {expected:?} {}", answer.status, answer.text()))
}

/// Somebody and something to lay hands on.
fn furnish(trio: &Trio) {
    let ada = tokens::user("ada");
    let person = trio.person.client.with_token(&ada);
    let _ = person.post("/persons", &json!({"name": "Ada"})).expect(201);
    let _ = person.post("/persons", &json!({"name": "Charles"})).expect(201);
    let _ = person.delete("/persons/2").expect(204);
    let _ = trio.health.client.with_token(&ada).post("/health/1", &json!({"weight": 57.5})).expect(201);
}

/// What can be seen of the stores, with the versions that change at every write, and what is in their files.
fn state(trio: &Trio) -> BTreeMap<String, Vec<u8>> {
    let (admin, health) = (tokens::admin("root"), tokens::service());
    let mut state = BTreeMap::new();
    for (service, token, path) in [
        (&trio.person, &admin, "/persons"),
        (&trio.person, &admin, "/persons/1"),
        (&trio.person, &health, "/persons/deleted"),
        (&trio.health, &admin, "/health/1"),
    ] {
        let answer = service.client.with_token(token).get(path).expect(200);
        let version = answer.header("etag").unwrap_or_default().as_bytes();
        state.insert(path.to_owned(), [version, &answer.body].concat());
    }
    for service in trio.services() {
        // SQLite's shared memory says who reads just now.
        let of_store = service.place.files().into_iter().filter(|(name, _)| !name.ends_with("-shm"));
        state.extend(of_store.map(|(name, content)| (format!("{}/{name}", service.name), content)));
    }
    state
}
