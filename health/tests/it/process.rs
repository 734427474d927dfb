//! The process: its configuration, its file, its shutdown.

use std::collections::HashMap;

use daemon::config::Reader;
use health::config::Config;
use serde_json::Value;
use testkit::{FakePerson, tokens, write_private};

use crate::harness::{HealthService, ada_at, dir, path, record};
use crate::log;

const CONFIG: Option<i32> = Some(78);

#[test]
fn help_prints_every_variable_with_its_default() {
    let person = FakePerson::start();
    let ended = dir(&person).run(&["--help"], &[]);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    for (name, default) in [
        ("HEALTH_LISTEN", "[127.0.0.1:5002]"),
        ("HEALTH_FILE", "[data/health/health.jsonl]"),
        ("PERSON_URL", "[http://127.0.0.1:5001]"),
        ("HEALTH_PURGE_SECONDS", "[5]"),
        ("JWT_KEYS_FILE", ""),
        ("LOG", ""),
        ("healthcheck", ""),
    ] {
        assert!(ended.out.contains(name) && ended.out.contains(default), "{name} in {}", ended.out);
    }
}

#[test]
fn all_invalid_variables_are_named_at_once() {
    let person = FakePerson::start();
    let wrong = [
        ("HEALTH_LISTEN", "here"),
        ("PERSON_URL", "https://person:5001"),
        ("HEALTH_PURGE_SECONDS", "0"),
        ("JWT_KEYS_FILE", "/nowhere"),
        ("LOG", "loud"),
    ];
    let ended = dir(&person).run(&["serve"], &wrong);
    assert_eq!((ended.code, &ended.out[..]), (CONFIG, ""));
    for (name, value) in wrong {
        assert!(ended.err.contains(&format!("{name}={value}: ")), "{name} in {}", ended.err);
    }
}

/// Returns whether a value of a variable is accepted, and checks that the error message names the variable.
fn accepts(name: &str, value: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys");
    write_private(&keys, tokens::KEY_FILE);
    let keys = keys.to_str().expect("text").to_owned();
    let source = HashMap::from([("JWT_KEYS_FILE", keys), (name, value.to_owned())]);
    let mut reader = Reader::new(&source);
    let config = Config::read(&mut reader);
    match reader.finish(config) {
        Ok(_) => true,
        Err(wrong) => {
            assert_eq!(wrong.len(), 1, "{wrong:?}");
            // A value that could hold a password is not quoted.
            let shown = if value.contains('@') { "http:…" } else { value };
            assert!(wrong[0].starts_with(&format!("{name}={shown}: expected ")), "{wrong:?}");
            false
        }
    }
}

#[test]
fn leftovers_around_a_value_are_refused_and_create_nothing() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let (file, url) = (dir.text("new"), person.url());
    for (name, value, words) in [
        ("HEALTH_FILE", format!("\"{file}\""), "it holds the quotes around the value"),
        ("HEALTH_FILE", format!("{file}\r"), "it holds the control character U+000D"),
        ("PERSON_URL", format!("'{url}'"), "it holds the quotes around the value"),
        ("PERSON_URL", format!("{url}\r"), "it holds the control character U+000D"),
        ("HEALTH_LISTEN", "127.0.0.1:0\n".to_owned(), "it holds the control character U+000A"),
    ] {
        let ended = dir.run(&["serve"], &[(name, &value)]);
        assert_eq!(ended.code, CONFIG, "{name}: {}", ended.err);
        assert!(ended.err.contains(name) && ended.err.contains(words), "{}", ended.err);
    }
    assert_eq!(dir.named(""), ["keys"]);
}

#[test]
fn url_of_person_is_a_scheme_a_host_and_a_port() {
    for good in ["http://person:5001", "http://127.0.0.1:5001/", "http://person", "http://[::1]:5001"] {
        assert!(accepts("PERSON_URL", good), "{good}");
    }
    let bad = "https://person:5001 http://person:5001/api http://person:5001// http://person:5001?a=1 \
               http://ada:secret@person:5001 person:5001 person http:// ftp://person http://person:port \
               http://person: http://person:65536 http:///persons http://:5001";
    for bad in bad.split(' ') {
        assert!(!accepts("PERSON_URL", bad), "{bad}");
    }
}

#[test]
fn purge_interval_is_1_to_3600_seconds() {
    for good in ["1", "3600"] {
        assert!(accepts("HEALTH_PURGE_SECONDS", good), "{good}");
    }
    for bad in ["0", "3601", "-1", "1.5", "5s", "99999999999999999999"] {
        assert!(!accepts("HEALTH_PURGE_SECONDS", bad), "{bad}");
    }
}

#[test]
fn second_service_on_the_same_file_is_refused() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let mut first = dir.serve();
    let ada = ada_at(&mut first);
    let _ = ada.post(&path(7), &record()).expect(201);
    let second = dir.run(&["serve"], &[]);
    assert_eq!(second.code, Some(1));
    let sentence = format!("{} is in use by another process", dir.text("store"));
    assert!(second.err.contains(&sentence), "{}", second.err);
    assert_eq!(ada.get(&path(7)).expect(200).json(), record());
    // The lock ends with its process, even after `kill -9`.
    first.signal("KILL");
    assert!(!first.ended().success());
    let mut third = dir.serve();
    let _ = ada_at(&mut third).get(&path(7)).expect(200);
}

#[test]
fn shutdown_answers_requests_in_flight() {
    for signal in ["TERM", "INT"] {
        let person = FakePerson::start();
        let dir = dir(&person);
        let mut service = dir.serve();
        let ada = ada_at(&mut service);
        person.says(testkit::Response::Hold);
        std::thread::scope(|scope| {
            let write = scope.spawn(|| ada.post(&path(7), &record()));
            testkit::eventually("the write waits for person", || {
                (!person.lookups().is_empty()).then_some(())
            });
            service.signal(signal);
            service.shows("it is stopping", |service| service.logs().contains("\"stopping\"").then_some(()));
            person.says(testkit::Response::Person);
            let _ = write.join().expect("no panic").expect(201);
        });
        assert!(service.ended().success(), "{}", service.logs());
        log::read(&dir.path("store"));
        let mut service = dir.serve();
        let _ = ada_at(&mut service).get(&path(7)).expect(200);
    }
}

#[test]
fn service_is_ready_without_person() {
    let gone = FakePerson::start();
    let dir = dir(&gone);
    drop(gone);
    let mut service = dir.serve();
    let _ = service.client().get("/readyz").expect(200);
    let address = service.client().address().to_string();
    assert_eq!(dir.run(&["healthcheck"], &[("HEALTH_LISTEN", &address)]).code, Some(0));
    service.shows("the log reports that the purge fails", |service| {
        service.logs().contains("cannot erase the records of deleted persons").then_some(())
    });
    service.signal("TERM");
    assert!(service.ended().success());
}

#[test]
fn logs_hold_the_trace_but_no_token_or_vital_sign() {
    let person = FakePerson::start();
    let dir = dir(&person);
    let mut service = dir.serve_with(&[("LOG", "trace")]);
    let token = tokens::user("ada");
    let ada = service.client().with_token(&token);
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let body = serde_json::json!({"weight": 123.456, "height": 98765});
    let call = ada.call("POST", &path(7)).header("traceparent", trace).json(&body);
    let _ = call.send().expect(422);
    let _ = ada.post(&path(7), &serde_json::json!({"weight": 123.456})).expect(201);
    person.says(testkit::Response::Close);
    let _ = ada.get(&path(7)).expect(503);
    service.signal("TERM");
    assert!(service.ended().success());
    let logs = service.logs();
    let line =
        logs.lines().find(|line| line.contains("4bf92f3577b34da6a3ce929d0e0e4736")).expect("its trace id");
    let line: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!((&line["status"], &line["path"]), (&Value::from(422), &Value::from("/health/7")));
    let signature = token.rsplit('.').next().expect("a signature");
    for secret in [signature, "123.456", "98765", "\"name\""] {
        assert!(!logs.contains(secret), "{secret} in {logs}");
    }
}

#[test]
fn version_is_that_of_the_crate() {
    let health = HealthService::new();
    let ended = dir(&health.person).run(&["--version"], &[]);
    assert_eq!((ended.code, ended.out), (Some(0), format!("health {}\n", health::VERSION)));
    let index = health.anybody().get("/").expect(200).json();
    assert_eq!((&index["name"], &index["version"]), (&Value::from("health"), &Value::from(health::VERSION)));
}

#[cfg(not(feature = "cluster"))]
#[test]
fn address_of_a_cluster_needs_the_feature() {
    let person = FakePerson::start();
    let ended = dir(&person).run(&["serve"], &[("HEALTH_FILE", "postgres://ada:hunter2@host/db")]);
    assert_eq!(ended.code, CONFIG, "{}", ended.err);
    assert!(
        ended.err.contains("HEALTH_FILE=postgres:…: ") && ended.err.contains("feature `cluster`"),
        "{}",
        ended.err
    );
}
