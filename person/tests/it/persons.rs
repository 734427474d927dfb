//! Persons: created, read, renamed, deleted and listed, and their versions.

use serde_json::json;

use crate::service::{PersonService, create_many, numbers, pages};

#[test]
fn person_is_created_read_renamed_and_deleted() {
    let service = PersonService::start();
    let created = service.ada().post("/persons", &json!({"name": "Ada"})).expect(201);
    assert_eq!(created.text().trim_end(), r#"{"id":1,"name":"Ada","owner":"ada"}"#);
    assert_eq!(created.header("location"), Some("/persons/1"));
    assert_eq!(created.header("content-type"), Some("application/json"));

    let read = service.ada().get("/persons/1").expect(200);
    assert_eq!((read.text(), read.header("etag")), (created.text(), created.header("etag")));
    assert!(read.header("etag").is_some_and(|etag| etag.starts_with('"') && etag.len() > 2));

    let renamed = service.ada().put("/persons/1", &json!({"name": "Countess"})).expect(200);
    assert_eq!(renamed.text().trim_end(), r#"{"id":1,"name":"Countess","owner":"ada"}"#);
    assert_eq!(service.ada().get("/persons/1").text(), renamed.text());
    assert_eq!(service.ada().get("/persons/1").header("etag"), renamed.header("etag"));

    assert!(service.ada().delete("/persons/1").expect(204).body.is_empty());
    service.ada().get("/persons/1").expect_problem(404, "no-such-person");
    service.ada().put("/persons/1", &json!({"name": "Ada"})).expect_problem(404, "no-such-person");
    service.ada().delete("/persons/1").expect_problem(404, "no-such-person");
    assert_eq!(service.list(), json!([]));
}

#[test]
fn name_in_any_script_is_kept_as_sent() {
    let service = PersonService::start();
    let longest = "é".repeat(200);
    let names = [
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
    ];
    for name in names {
        let id = service.create(name);
        assert_eq!(service.ada().get(&format!("/persons/{id}")).json()["name"], name);
    }
}

#[test]
fn blank_unprintable_or_long_name_is_422() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let blank = ["", " ", "\t", "\u{a0}", "\u{3000}"];
    let invisible = ["\u{200B}", "\u{2800}", "\u{3164}", "\u{AD}", "\u{FEFF}", "\u{2060}\u{FE0F} \u{E0041}"];
    let blank = [&blank[..], &invisible].concat().into_iter().map(str::to_owned);
    // Control characters, changes of direction, and noncharacters of Unicode.
    let unprintable = [
        "\0", "\n", "\r", "\u{7f}", "\u{9b}", "\u{202A}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{FDD0}",
        "\u{FDEF}", "\u{FFFE}", "\u{FFFF}",
    ];
    let unprintable = unprintable.map(|character| format!("a{character}"));
    for name in blank.chain(unprintable).chain(["x".repeat(201)]) {
        for (method, path) in [("POST", "/persons"), ("PUT", &path)] {
            let answer = service.ada().call(method, path).json(&json!({"name": name})).send();
            assert_eq!(answer.status, 422, "{method} {name:?}");
            assert_eq!(answer.expect_problem(422, "invalid-fields").pointers(), ["/name"]);
        }
    }
    assert_eq!(service.list(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn id_is_never_used_again() {
    let mut service = PersonService::start();
    let first = service.create("Ada");
    let second = service.create("Bob");
    let _ = service.ada().delete(&format!("/persons/{second}")).expect(204);
    let third = service.create("Eve");
    assert!(first < second && second < third);
    for id in [first, third] {
        let _ = service.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    assert_eq!(service.list(), json!([]));
    service.restart();
    assert!(service.create("Joe") > third);
}

#[test]
fn persons_and_etags_survive_a_restart() {
    let mut service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let before = service.ada().put(&path, &json!({"name": "Countess"})).expect(200);
    service.restart();
    let after = service.ada().get(&path).expect(200);
    assert_eq!((after.text(), after.header("etag")), (before.text(), before.header("etag")));
}

#[test]
fn every_write_changes_the_etag() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let mut seen = std::collections::HashSet::new();
    for _ in 0..4 {
        let answer = service.ada().put(&path, &json!({"name": "Ada"})).expect(200);
        assert!(seen.insert(answer.header("etag").expect("an ETag").to_owned()));
    }
}

#[test]
fn write_with_a_stale_if_match_is_412() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let old = service.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let new = service
        .ada()
        .put(&path, &json!({"name": "Bob"}))
        .expect(200)
        .header("etag")
        .expect("an ETag")
        .to_owned();
    let put = |tag: &str| {
        service.ada().call("PUT", &path).header("If-Match", tag).json(&json!({"name": "Eve"})).send()
    };
    for tag in [&old[..], "\"x\"", "", &format!("W/{new}"), new.trim_matches('"')] {
        put(tag).expect_problem(412, "precondition-failed");
        let delete = service.ada().call("DELETE", &path).header("If-Match", tag).send();
        delete.expect_problem(412, "precondition-failed");
    }
    assert_eq!(service.ada().get(&path).json()["name"], "Bob");
    let newer = put(&format!("{old}, {new}")).expect(200).header("etag").expect("an ETag").to_owned();
    let _ = put("*").expect(200);
    let _ = put(&newer).expect(412);
    let _ = service.ada().call("DELETE", &path).header("If-Match", "*").send().expect(204);
    let _ = put("*").expect(404);
}

#[test]
fn page_is_bounded_by_bytes_and_links_on() {
    let service = PersonService::start();
    create_many(&service.ada(), 160, &"\"\u{1F9D1}".repeat(100));
    let pages = pages(&service.ada(), "/persons?limit=1000");
    for page in &pages {
        assert!(page.body.len() <= 64 * 1024, "{} bytes", page.body.len());
    }
    let ids: Vec<_> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
    assert_eq!((ids, pages.len() > 1), ((1..=160).collect(), true));
}

#[test]
fn read_with_a_known_etag_is_304() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let etag = service.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let get = |tag: &str| service.ada().call("GET", &path).header("If-None-Match", tag).send();
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = get(&tag).expect(304);
        assert_eq!((answer.header("etag"), answer.body.len()), (Some(&etag[..]), 0), "{tag}");
    }
    let _ = get("\"x\"").expect(200);
    let _ = service.ada().put(&path, &json!({"name": "Bob"})).expect(200);
    let _ = get(&etag).expect(200);
}

#[test]
fn precondition_that_is_not_met_is_412() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let etag = service.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let send = |method: &str, name: &str, tag: &str| {
        let call = service.ada().call(method, &path).header(name, tag);
        if method == "PUT" { call.json(&json!({"name": "Eve"})).send() } else { call.send() }
    };
    for tag in [etag.clone(), format!("W/{etag}"), "*".to_owned()] {
        for method in ["PUT", "DELETE"] {
            send(method, "If-None-Match", &tag).expect_problem(412, "precondition-failed");
        }
    }
    for tag in ["\"0\"", &format!("W/{etag}")] {
        send("GET", "If-Match", tag).expect_problem(412, "precondition-failed");
    }
    // `If-Match` comes first.
    let both = |first: &str| {
        let call = service.ada().call("GET", &path).header("If-None-Match", &etag);
        call.header("If-Match", first).send()
    };
    let _ = both("\"0\"").expect(412);
    let _ = both(&etag).expect(304);
    assert_eq!(service.ada().get(&path).expect(200).header("etag"), Some(&etag[..]), "nothing was changed");
    let _ = send("PUT", "If-None-Match", "\"0\"").expect(200);
}

#[test]
fn one_of_many_writers_with_the_same_if_match_wins() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let etag = service.ada().get(&path).header("etag").expect("an ETag").to_owned();
    let (ada, path, etag) = (service.ada(), &path[..], &etag[..]);
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
fn list_is_paged_by_id_with_links() {
    let service = PersonService::start();
    let all: Vec<i64> = (0..7).map(|i| service.create(&format!("Person {i}"))).collect();
    for (path, sizes) in [
        ("/persons?limit=3", &[3, 3, 1][..]),
        ("/persons?limit=7", &[7]),
        ("/persons?limit=1000", &[7]),
        ("/persons?limit=1", &[1; 7]),
        ("/persons", &[7]),
    ] {
        let pages = pages(&service.ada(), path);
        let ids: Vec<Vec<i64>> = pages.iter().map(|page| numbers(page, "id")).collect();
        assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "{path}");
        assert_eq!(ids.concat(), all, "{path}");
    }
    let first = service.ada().get("/persons?limit=2");
    assert_eq!(first.header("link"), Some(&format!("</persons?limit=2&after={}>; rel=\"next\"", all[1])[..]));
    let after = service.ada().get(&format!("/persons?after={}", all[4]));
    assert_eq!(numbers(&after, "id"), all[5..]);
    assert_eq!(service.ada().get(&format!("/persons?after={}", i64::MAX)).json(), json!([]));
}

#[test]
fn page_has_100_persons_by_default() {
    let service = PersonService::start();
    let ada = service.ada();
    create_many(&ada, 104, "Ada");
    let pages = pages(&ada, "/persons");
    assert_eq!(pages.iter().map(|page| numbers(page, "id").len()).collect::<Vec<_>>(), [100, 4]);
    assert_eq!(pages[0].header("link"), Some("</persons?limit=100&after=100>; rel=\"next\""));
    assert_eq!(numbers(&ada.get("/persons?limit=1000"), "id"), (1..=104).collect::<Vec<_>>());
}
