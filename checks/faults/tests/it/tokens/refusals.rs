//! Every forgery, at every operation that needs a token.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::TcpListener;

use faults::report;
use faults::services::{self, Service, Services};
use serde_json::json;
use testkit::{Answer, tokens};

use super::forgeries;
use super::maker::{Maker, with, with_two_keys};
use super::operations::{For, path, protected, request};

#[test]
fn every_forgery_is_refused_everywhere_for_its_reason() {
    let services = Services::with_ada(with_two_keys);
    let person = services.person.client.with_token(&tokens::user("ada"));
    let _ = person.post("/persons", &json!({"name": "Charles"})).expect(201);
    let _ = person.delete("/persons/2").expect(204);
    let before = state(&services);
    // Forged headers name this address for keys; no service may connect to it.
    let foreign_keys = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/keys", foreign_keys.local_addr().expect("an address"));

    let (mut fewest, mut asked, mut wrong) = (usize::MAX, 0, Vec::new());
    for (service, method, template, callers, _) in protected() {
        let maker = if *callers == For::Health { Maker::of_health() } else { Maker::of_a_user(service) };
        let forgeries = forgeries::all(&maker, &url);
        fewest = fewest.min(forgeries.len());
        let client = &services.named(service).client;
        // Reads are sent as `HEAD` too.
        let methods: &[&str] = if *method == "GET" { &["GET", "HEAD"] } else { &[*method] };
        for forgery in &forgeries {
            for method in methods {
                asked += 1;
                let path = path(template);
                let call = request(client, method, &(path.clone() + &forgery.query));
                let call = forgery.lines.iter().fold(call, |call, (name, value)| call.header(name, value));
                if let Err(error) = check(&call.send(), forgery.reason) {
                    wrong.push(format!("{method} {path}: {}: {error}", forgery.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(fewest >= 100, "{fewest} forgeries");
    let changed: Vec<_> =
        state(&services).into_iter().filter(|(name, now)| before.get(name) != Some(now)).collect();
    assert!(changed.is_empty(), "{changed:?}");
    foreign_keys.set_nonblocking(true).expect("a socket takes the option");
    let visitor = foreign_keys.accept().expect_err("a service has asked for the attacker's keys");
    assert_eq!(visitor.kind(), ErrorKind::WouldBlock);
    report("forged tokens", &format!("{fewest} forgeries, {asked} requests to three services"), "0 accepted");
}

/// Each claim alone is within the allowed clock skew. This is not a row of the table, as the token expires within seconds.
#[test]
fn a_token_that_expires_before_its_issue_is_refused() {
    let person = Service::start("person", services::person());
    let (maker, now) = (Maker::of_a_user("person"), tokens::now());
    let claims = with(&with(&maker.claims, "iat", json!(now + 4)), "exp", json!(now + 3));
    let forged = maker.signed(maker.header.to_string(), claims.to_string());
    let answer = person.client.with_token(&forged).get("/persons");
    check(&answer, Some("its iat or exp is missing or invalid")).expect("the refusal of the contract");
}

/// Checks that the answer is the 401 of the contract with this reason.
fn check(answer: &Answer, reason: Option<&str>) -> Result<(), String> {
    let mut expected = "Bearer realm=\"mini-projet\"".to_owned();
    if let Some(reason) = reason {
        expected.push_str(&format!(", error=\"invalid_token\", error_description=\"{reason}\""));
    }
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    let slug = if reason.is_some() { "/problems/invalid-token" } else { "/problems/missing-token" };
    let is_head = answer.body.is_empty();
    if answer.status == 401 && challenge == expected && (is_head || answer.json()["type"] == slug) {
        return Ok(());
    }
    Err(format!("{} {challenge:?} instead of {expected:?} {}", answer.status, answer.text()))
}

/// Returns the content of the stores: the answers with their versions, and the files.
fn state(services: &Services) -> BTreeMap<String, Vec<u8>> {
    let (admin, health) = (tokens::admin("root"), tokens::service());
    let mut state = BTreeMap::new();
    for (service, token, path) in [
        (&services.person, &admin, "/persons"),
        (&services.person, &admin, "/persons/1"),
        (&services.person, &health, "/persons/deleted"),
        (&services.health, &admin, "/health/1"),
    ] {
        let answer = service.client.with_token(token).get(path).expect(200);
        let version = answer.header("etag").unwrap_or_default().as_bytes();
        state.insert(path.to_owned(), [version, &answer.body].concat());
    }
    for service in services.all() {
        // SQLite's shared memory changes with each read.
        let files = service.test_dir.files().into_iter().filter(|(name, _)| !name.ends_with("-shm"));
        state.extend(files.map(|(name, content)| (format!("{}/{name}", service.name), content)));
    }
    state
}
