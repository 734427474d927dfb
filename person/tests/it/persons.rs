//! Persons: made, read, renamed, deleted, listed, and their versions.

use serde_json::json;

use crate::lab::{Lab, crowd, numbers, pages};

#[test]
fn a_person_is_made_read_renamed_and_deleted() {
    let lab = Lab::new();
    let made = lab.ada().post("/persons", &json!({"name": "Ada"})).expect(201);
    assert_eq!(made.text().trim_end(), r#"{"id":1,"name":"Ada","owner":"ada"}"#);
    assert_eq!(made.header("location"), Some("/persons/1"));
    assert_eq!(made.header("content-type"), Some("application/json"));

    let read = lab.ada().get("/persons/1").expect(200);
    assert_eq!((read.text(), read.header("etag")), (made.text(), made.header("etag")));
    assert!(read.header("etag").is_some_and(|etag| etag.starts_with('"') && etag.len() > 2));

    let renamed = lab.ada().put("/persons/1", &json!({"name": "Countess"})).expect(200);
    assert_eq!(renamed.text().trim_end(), r#"{"id":1,"name":"Countess","owner":"ada"}"#);
    assert_eq!(lab.ada().get("/persons/1").text(), renamed.text());
    assert_eq!(lab.ada().get("/persons/1").header("etag"), renamed.header("etag"));

    assert!(lab.ada().delete("/persons/1").expect(204).body.is_empty());
    lab.ada().get("/persons/1").expect_problem(404, "no-such-person");
    lab.ada().put("/persons/1", &json!({"name": "Ada"})).expect_problem(404, "no-such-person");
    lab.ada().delete("/persons/1").expect_problem(404, "no-such-person");
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
}

#[test]
fn a_name_of_any_script_is_kept_as_sent() {
    let lab = Lab::new();
    let longest = "é".repeat(200);
    for name in [
        "A",
        " Ada ",
        "O'Brien \"x\" \\",
        "李小龍",
        "שרה",
        "👩‍👩‍👧",
        "e\u{301}",
        "\u{200F}a",
        "<b>",
        "'; --",
        &longest,
    ] {
        let id = lab.create(name);
        assert_eq!(lab.ada().get(&format!("/persons/{id}")).json()["name"], name);
    }
}

#[test]
fn a_name_that_says_nothing_or_garbles_its_surroundings_is_422() {
    let lab = Lab::new();
    let id = lab.create("Ada");
    let long = "x".repeat(201);
    for name in [
        "",
        " ",
        "\t",
        "\u{a0}\u{3000}",
        "a\0",
        "a\nb",
        "\ra",
        "\u{7f}",
        "\u{9b}31m",
        "\u{202A}a",
        "\u{202E}a",
        "a\u{2066}",
        "a\u{2069}",
        "\u{FDD0}",
        "\u{FDEF}",
        "\u{FFFE}",
        "\u{FFFF}",
        "\u{10FFFF}",
        &long,
    ] {
        let answer = lab.ada().post("/persons", &json!({"name": name}));
        assert_eq!(answer.status, 422, "{name:?}");
        assert_eq!(answer.expect_problem(422, "invalid-fields").pointers(), ["/name"]);
        let _ = lab.ada().put(&format!("/persons/{id}"), &json!({"name": name})).expect(422);
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([{"id": id, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn an_id_is_never_used_again_not_even_after_a_restart() {
    let mut lab = Lab::new();
    let first = lab.create("Ada");
    let second = lab.create("Bob");
    let _ = lab.ada().delete(&format!("/persons/{second}")).expect(204);
    let third = lab.create("Eve");
    assert!(first < second && second < third);
    for id in [first, third] {
        let _ = lab.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    assert_eq!(lab.ada().get("/persons").json(), json!([]));
    lab.restart();
    assert!(lab.create("Joe") > third);
}

#[test]
fn persons_outlive_a_restart_with_their_versions() {
    let mut lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let before = lab.ada().put(&path, &json!({"name": "Countess"})).expect(200);
    lab.restart();
    let after = lab.ada().get(&path).expect(200);
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
}

#[test]
fn every_write_changes_the_etag_an_identical_one_too() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let mut seen = std::collections::HashSet::new();
    for _ in 0..4 {
        let answer = lab.ada().put(&path, &json!({"name": "Ada"})).expect(200);
        assert!(seen.insert(answer.header("etag").expect("an ETag").to_owned()));
    }
}

#[test]
fn if_match_lets_only_the_current_version_be_written() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let old = lab.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let new =
        lab.ada().put(&path, &json!({"name": "Bob"})).expect(200).header("etag").expect("an ETag").to_owned();
    let put =
        |tag: &str| lab.ada().call("PUT", &path).header("If-Match", tag).json(&json!({"name": "Eve"})).send();
    for tag in [&old[..], "\"x\"", "", &format!("W/{new}"), new.trim_matches('"')] {
        put(tag).expect_problem(412, "precondition-failed");
        let delete = lab.ada().call("DELETE", &path).header("If-Match", tag).send();
        delete.expect_problem(412, "precondition-failed");
    }
    assert_eq!(lab.ada().get(&path).json()["name"], "Bob");
    let newer = put(&format!("{old}, {new}")).expect(200).header("etag").expect("an ETag").to_owned();
    let _ = put("*").expect(200);
    let _ = put(&newer).expect(412);
    let _ = lab.ada().call("DELETE", &path).header("If-Match", "*").send().expect(204);
    let _ = put("*").expect(404);
}

#[test]
fn if_none_match_spares_the_reader_what_is_known() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let etag = lab.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let get = |tag: &str| lab.ada().call("GET", &path).header("If-None-Match", tag).send();
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = get(&tag).expect(304);
        assert_eq!((answer.header("etag"), answer.body.len()), (Some(&etag[..]), 0), "{tag}");
    }
    let _ = get("\"x\"").expect(200);
    let _ = lab.ada().put(&path, &json!({"name": "Bob"})).expect(200);
    let _ = get(&etag).expect(200);
}

#[test]
fn of_many_who_write_the_version_they_read_one_wins() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let etag = lab.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let (ada, path, etag) = (lab.ada(), &path[..], &etag[..]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let write = |name: String| {
            ada.call("PUT", path).header("If-Match", etag).json(&json!({"name": name})).send().status
        };
        let writers: Vec<_> = (0..16).map(|i| scope.spawn(move || write(format!("writer {i}")))).collect();
        writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 15, "{statuses:?}");
}

#[test]
fn a_list_is_paged_by_id_with_links_to_the_end() {
    let lab = Lab::new();
    let all: Vec<i64> = (0..7).map(|i| lab.create(&format!("Person {i}"))).collect();
    for (path, sizes) in [
        ("/persons?limit=3", &[3, 3, 1][..]),
        ("/persons?limit=7", &[7]),
        ("/persons?limit=1000", &[7]),
        ("/persons?limit=1", &[1; 7]),
        ("/persons", &[7]),
    ] {
        let pages = pages(&lab.ada(), path);
        let ids: Vec<Vec<i64>> = pages.iter().map(|page| numbers(page, "id")).collect();
        assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{path}");
        assert_eq!(ids.concat(), all, "{path}");
    }
    let first = lab.ada().get("/persons?limit=2");
    assert_eq!(first.header("link"), Some(&format!("</persons?limit=2&after={}>; rel=\"next\"", all[1])[..]));
    let after = lab.ada().get(&format!("/persons?after={}", all[4]));
    assert_eq!(numbers(&after, "id"), all[5..]);
    assert_eq!(lab.ada().get(&format!("/persons?after={}", i64::MAX)).json(), json!([]));
}

#[test]
fn a_page_has_a_hundred_persons_unless_more_are_asked_for() {
    let lab = Lab::new();
    let ada = lab.ada();
    crowd(&ada, 104, "Ada");
    let pages = pages(&ada, "/persons");
    assert_eq!(pages.iter().map(|page| numbers(page, "id").len()).collect::<Vec<_>>(), [100, 4]);
    assert_eq!(pages[0].header("link"), Some("</persons?limit=100&after=100>; rel=\"next\""));
    assert_eq!(numbers(&ada.get("/persons?limit=1000"), "id"), (1..=104).collect::<Vec<_>>());
}
