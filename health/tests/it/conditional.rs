//! `If-Match` on writes, `If-None-Match` on reads, and the ETags of both.

use serde_json::json;
use testkit::{Answer, Client};

use crate::lab::{Lab, at_once, etag, path, record};

const WRITES: &[(&str, u16)] = &[("PUT", 200), ("PATCH", 200), ("DELETE", 204)];

fn write_if(somebody: &Client, method: &str, condition: &str) -> Answer {
    somebody.call(method, "/health/7").header("If-Match", condition).json(&record()).send()
}

fn read_if(somebody: &Client, condition: &str) -> Answer {
    somebody.call("GET", "/health/7").header("If-None-Match", condition).send()
}

#[test]
fn etag_changes_with_every_write() {
    let lab = Lab::new();
    let ada = lab.ada();
    let mut tags = vec![etag(&ada.post("/health/7", &record()).expect(201))];
    for _ in 0..2 {
        tags.push(etag(&ada.put("/health/7", &record()).expect(200)));
        tags.push(etag(&ada.patch("/health/7", &record()).expect(200)));
        tags.push(etag(&ada.patch("/health/7", &json!({})).expect(200)));
    }
    assert_eq!(etag(&ada.get("/health/7")), tags[tags.len() - 1], "a write answers with the new ETag");
    assert_eq!(etag(&ada.get("/health/7")), tags[tags.len() - 1], "a read changes nothing");
    assert!(tags.iter().all(|tag| tag.starts_with('"') && tag.ends_with('"')), "{tags:?}");
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
}

#[test]
fn write_to_another_person_keeps_the_etag() {
    let lab = Lab::new();
    let tag = etag(&lab.ada().post("/health/7", &record()).expect(201));
    let other = etag(&lab.ada().post("/health/8", &record()).expect(201));
    assert_ne!(tag, other);
    assert_eq!(etag(&lab.ada().get("/health/7")), tag);
}

#[test]
fn write_with_a_stale_if_match_is_412() {
    let lab = Lab::new();
    let stale = etag(&lab.ada().post("/health/7", &record()).expect(201));
    let current = etag(&lab.ada().put("/health/7", &record()).expect(200));
    let weak = format!("W/{current}");
    for (method, _) in WRITES {
        for condition in [&stale[..], &weak, "\"other\"", "nonsense", current.trim_matches('"')] {
            let answer = lab.changing_nothing(|ada| write_if(ada, method, condition));
            answer.expect_problem(412, "precondition-failed");
        }
    }
}

#[test]
fn write_with_a_matching_if_match_succeeds() {
    let lab = Lab::new();
    for (method, status) in WRITES {
        for list in ["{}", "*", "\"other\", {}"] {
            let added = lab.ada().post("/health/7", &record());
            let current = if added.status == 201 { etag(&added) } else { etag(&lab.ada().get("/health/7")) };
            let _ = write_if(&lab.ada(), method, &list.replace("{}", &current)).expect(*status);
        }
    }
}

#[test]
fn one_of_many_writes_with_the_same_if_match_succeeds() {
    let lab = Lab::new();
    let current = etag(&lab.ada().post("/health/7", &record()).expect(201));
    let answers = at_once(16, |_| write_if(&lab.ada(), "PUT", &current).status);
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 412).count(), 15, "{answers:?}");
}

#[test]
fn read_of_a_known_version_is_304_after_a_lookup() {
    let lab = Lab::new();
    let current = etag(&lab.ada().post("/health/7", &record()).expect(201));
    lab.person.lookups();
    for condition in
        [current.clone(), format!("W/{current}"), format!("\"other\", {current}"), "*".to_owned()]
    {
        let answer = read_if(&lab.ada(), &condition).expect(304);
        assert_eq!((answer.text(), etag(&answer)), (String::new(), current.clone()), "{condition}");
        assert_eq!(lab.person.lookups().len(), 1, "{condition}");
    }
}

#[test]
fn read_of_another_version_is_200() {
    let lab = Lab::new();
    let stale = etag(&lab.ada().post("/health/7", &record()).expect(201));
    let current = etag(&lab.ada().put("/health/7", &record()).expect(200));
    for condition in [&stale[..], "\"other\"", "nonsense"] {
        let answer = read_if(&lab.ada(), condition).expect(200);
        assert_eq!((answer.json(), etag(&answer)), (record(), current.clone()), "{condition}");
    }
}

#[test]
fn conditional_read_of_a_missing_record_is_404() {
    let lab = Lab::new();
    read_if(&lab.ada(), "*").expect_problem(404, "no-health-record");
    lab.ada().get(&path(8)).expect_problem(404, "no-health-record");
}
