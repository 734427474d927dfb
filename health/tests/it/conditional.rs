//! `If-Match` on writes, `If-None-Match` on reads, and the ETags of both.

use serde_json::json;
use testkit::{Answer, Client};

use crate::harness::{HealthService, at_once, etag, record};

const WRITES: &[(&str, u16)] = &[("PUT", 200), ("PATCH", 200), ("DELETE", 204)];

fn write_if(somebody: &Client, method: &str, condition: &str) -> Answer {
    somebody.call(method, "/health/7").header("If-Match", condition).json(&record()).send()
}

fn read_if(somebody: &Client, condition: &str) -> Answer {
    somebody.call("GET", "/health/7").header("If-None-Match", condition).send()
}

#[test]
fn etag_changes_with_every_write() {
    let health = HealthService::new();
    let ada = health.ada();
    let mut tags = vec![etag(&ada.post("/health/7", &record()).expect(201))];
    for _ in 0..2 {
        tags.push(etag(&ada.put("/health/7", &record()).expect(200)));
        tags.push(etag(&ada.patch("/health/7", &record()).expect(200)));
        tags.push(etag(&ada.patch("/health/7", &json!({})).expect(200)));
    }
    assert_eq!(etag(&ada.get("/health/7")), tags[tags.len() - 1], "a write answers with the new ETag");
    let other = etag(&ada.post("/health/8", &record()).expect(201));
    assert_eq!(etag(&ada.get("/health/7")), tags[tags.len() - 1], "reads and other records keep the ETag");
    assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.ends_with('"')), "{tags:?}");
    // A database counts the versions of each record.
    if cfg!(not(feature = "cluster")) {
        tags.push(other);
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
}

#[test]
fn write_with_a_stale_if_match_is_412() {
    let health = HealthService::new();
    let stale = etag(&health.ada().post("/health/7", &record()).expect(201));
    let current = etag(&health.ada().put("/health/7", &record()).expect(200));
    let weak = format!("W/{current}");
    for (method, _) in WRITES {
        for condition in [&stale[..], &weak, "\"other\"", "nonsense", current.trim_matches('"')] {
            let answer = health.changing_nothing(|ada| write_if(ada, method, condition));
            answer.expect_problem(412, "precondition-failed");
        }
    }
}

#[test]
fn write_with_a_matching_if_match_succeeds() {
    let health = HealthService::new();
    for (method, status) in WRITES {
        for list in ["{}", "*", "\"other\", {}"] {
            let added = health.ada().post("/health/7", &record());
            let current =
                if added.status == 201 { etag(&added) } else { etag(&health.ada().get("/health/7")) };
            let _ = write_if(&health.ada(), method, &list.replace("{}", &current)).expect(*status);
        }
    }
}

#[test]
fn one_of_many_writes_with_the_same_if_match_succeeds() {
    let health = HealthService::new();
    let current = etag(&health.ada().post("/health/7", &record()).expect(201));
    let answers = at_once(16, |_| write_if(&health.ada(), "PUT", &current).status);
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 412).count(), 15, "{answers:?}");
}

#[test]
fn read_of_a_known_version_is_304() {
    let health = HealthService::new();
    read_if(&health.ada(), "*").expect_problem(404, "no-health-record");
    let stale = etag(&health.ada().post("/health/7", &record()).expect(201));
    let current = etag(&health.ada().put("/health/7", &record()).expect(200));
    health.person.lookups();
    let known = [current.clone(), format!("W/{current}"), format!("\"other\", {current}"), "*".to_owned()];
    let unknown = [stale, "\"other\"".to_owned(), "nonsense".to_owned()];
    for (conditions, status) in [(&known[..], 304), (&unknown[..], 200)] {
        for condition in conditions {
            let answer = health.changing_nothing(|ada| read_if(ada, condition)).expect(status);
            assert_eq!(
                (answer.text().is_empty(), etag(&answer)),
                (status == 304, current.clone()),
                "{condition}"
            );
            assert_eq!(health.person.lookups().len(), 1, "{condition}");
        }
    }
}

#[test]
fn write_with_an_if_none_match_that_matches_is_412() {
    let health = HealthService::new();
    let current = etag(&health.ada().post("/health/7", &record()).expect(201));
    for (method, _) in WRITES {
        for condition in ["*", &current, &format!("W/{current}")] {
            let answer = health.changing_nothing(|ada| {
                ada.call(method, "/health/7").header("If-None-Match", condition).json(&record()).send()
            });
            answer.expect_problem(412, "precondition-failed");
        }
    }
}

#[test]
fn read_with_a_stale_if_match_is_412() {
    let health = HealthService::new();
    let current = etag(&health.ada().post("/health/7", &record()).expect(201));
    let read = |tag: &str| health.ada().call("GET", "/health/7").header("If-Match", tag).send();
    read("\"0\"").expect_problem(412, "precondition-failed");
    let _ = read(&current).expect(200);
}

#[test]
fn types_of_a_patch_are_named_where_they_are_asked_for() {
    let health = HealthService::new();
    let types = Some("application/merge-patch+json, application/json");
    let options = health.ada().call("OPTIONS", "/health/7").send().expect(204);
    assert_eq!(options.header("accept-patch"), types);
    let answer =
        health.ada().call("PATCH", "/health/7").header("Content-Type", "text/plain").body("{}").send();
    assert_eq!(answer.header("accept-patch"), types);
    answer.expect_problem(415, "unsupported-media-type");
}
