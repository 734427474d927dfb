//! Paths, methods, ids and queries.

use serde_json::json;

use crate::lab::Lab;

/// Every path that the service knows, an example of each, with its methods.
const PATHS: &[(&str, &str)] = &[
    ("/persons", "GET, POST, HEAD, OPTIONS"),
    ("/persons/deleted", "GET, HEAD, OPTIONS"),
    ("/persons/1", "GET, PUT, DELETE, HEAD, OPTIONS"),
    ("/", "GET, HEAD, OPTIONS"),
    ("/livez", "GET, HEAD, OPTIONS"),
    ("/readyz", "GET, HEAD, OPTIONS"),
    ("/metrics", "GET, HEAD, OPTIONS"),
    ("/openapi.json", "GET, HEAD, OPTIONS"),
    ("/docs", "GET, HEAD, OPTIONS"),
    ("/docs/page.css", "GET, HEAD, OPTIONS"),
    ("/docs/page.js", "GET, HEAD, OPTIONS"),
    ("/problems", "GET, HEAD, OPTIONS"),
    ("/problems/no-such-person", "GET, HEAD, OPTIONS"),
];

#[test]
fn an_unknown_path_is_no_such_route() {
    let lab = Lab::new();
    lab.create("Ada");
    for path in [
        "/person",
        "/Persons",
        "/persons/",
        "//persons",
        "/persons//1",
        "/persons/1/",
        "/persons/1/name",
        "/persons/deleted/",
        "/persons/./1",
        "/./persons",
        "/x/../persons",
        "/%70ersons",
        "/persons%2F1",
        "/persons/%31",
        "/persons/1%20",
        "/persons/..",
        "/persons%2f1",
        "/persons;a=b",
        "/health",
        "/health/1",
        "/livez/",
        "/problems/",
        "/favicon.ico",
        "*",
    ] {
        for method in ["GET", "POST", "OPTIONS"] {
            let answer = lab.admin().call(method, path).send();
            assert_eq!(answer.status, 404, "{method} {path}");
            let problem = answer.expect_problem(404, "no-such-route").json();
            assert_eq!(problem["instance"], path);
        }
    }
}

#[test]
fn what_is_no_id_names_nobody() {
    let lab = Lab::new();
    lab.create("Ada");
    for id in [
        "0",
        "01",
        "00",
        "-1",
        "+1",
        "1.0",
        "1e0",
        "0x1",
        "1_000",
        "a",
        "1a",
        "2",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
        "99999999999999999999",
    ] {
        let path = format!("/persons/{id}");
        for method in ["GET", "DELETE"] {
            let answer = lab.admin().call(method, &path).send();
            assert_eq!(answer.status, 404, "{method} {path}");
            answer.expect_problem(404, "no-such-person");
        }
        lab.admin().put(&path, &json!({"name": "Eve"})).expect_problem(404, "no-such-person");
    }
    assert_eq!(lab.admin().get("/persons/1").json()["name"], "Ada");
}

#[test]
fn a_known_path_answers_another_method_with_405_and_what_it_allows() {
    let lab = Lab::new();
    for (path, allow) in PATHS {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"] {
            if !allow.split(", ").any(|allowed| allowed == method) {
                let answer = lab.anybody().call(method, path).send();
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("allow"), Some(*allow), "{method} {path}");
                answer.expect_problem(405, "method-not-allowed");
            }
        }
    }
}

#[test]
fn options_says_what_a_path_allows_without_a_token() {
    let lab = Lab::new();
    for (path, allow) in PATHS {
        let answer = lab.anybody().call("OPTIONS", path).send().expect(204);
        assert_eq!(answer.header("allow"), Some(*allow), "{path}");
        assert!(answer.body.is_empty());
    }
}

#[test]
fn head_answers_as_get_without_the_body() {
    let lab = Lab::new();
    lab.create("Ada");
    lab.admin().delete(&format!("/persons/{}", lab.create("Bob")));
    for (path, _) in PATHS {
        let client = if *path == "/persons/deleted" { lab.health() } else { lab.ada() };
        let (get, head) = (client.get(path).expect(200), client.call("HEAD", path).send().expect(200));
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "etag", "link", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        if *path != "/metrics" {
            assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
        }
    }
    for (client, path, status) in
        [(lab.ada(), "/nothing", 404), (lab.anybody(), "/persons", 401), (lab.user("bob"), "/persons/1", 403)]
    {
        let head = client.call("HEAD", path).send().expect(status);
        assert!(head.body.is_empty() && head.header("content-length").is_some(), "{path}");
    }
}

#[test]
fn a_query_that_is_unknown_repeated_or_out_of_range_is_400_and_named() {
    let lab = Lab::new();
    lab.create("Ada");
    for (path, name) in [
        ("/persons?limit=0", "limit"),
        ("/persons?limit=1001", "limit"),
        ("/persons?limit=", "limit"),
        ("/persons?limit", "limit"),
        ("/persons?limit=+1", "limit"),
        ("/persons?limit=-1", "limit"),
        ("/persons?limit=1.5", "limit"),
        ("/persons?limit=%31", "limit"),
        ("/persons?limit=99999999999999999999", "limit"),
        ("/persons?after=-1", "after"),
        ("/persons?after=x", "after"),
        ("/persons?after=9223372036854775808", "after"),
        ("/persons?limit=1&limit=1", "limit"),
        ("/persons?after=1&limit=1&after=1", "after"),
        ("/persons?page=2", "page"),
        ("/persons?Limit=1", "Limit"),
        ("/persons/1?limit=1", "limit"),
        ("/persons/1?x", "x"),
        ("/livez?verbose=1", "verbose"),
        ("/?x=1", "x"),
        ("/metrics?x=1", "x"),
    ] {
        let answer = lab.ada().get(path);
        assert_eq!(answer.status, 400, "{path}");
        let detail = answer.expect_problem(400, "bad-query").json()["detail"].to_string();
        assert!(detail.contains(&format!("`{name}`")), "{path}: {detail}");
    }
    for path in ["/persons?limit=0", "/persons?after=x", "/persons?seq=1"] {
        let path = path.replace("/persons", "/persons/deleted");
        lab.health().get(&path).expect_problem(400, "bad-query");
    }
    lab.ada().post("/persons?x=1", &json!({"name": "Ada"})).expect_problem(400, "bad-query");
    lab.ada().put("/persons/1?x=1", &json!({"name": "Eve"})).expect_problem(400, "bad-query");
    lab.ada().delete("/persons/1?x=1").expect_problem(400, "bad-query");
    assert_eq!(lab.ada().get("/persons").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn a_query_within_its_range_is_taken() {
    let lab = Lab::new();
    for path in [
        "/persons?",
        "/persons?limit=1",
        "/persons?limit=1000",
        "/persons?after=0",
        "/persons?after=9223372036854775807",
        "/persons?after=1&limit=2",
    ] {
        let _ = lab.ada().get(path).expect(200);
    }
}
