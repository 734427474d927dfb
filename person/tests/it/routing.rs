//! Paths, methods, ids and queries.

use serde_json::json;

use crate::service::PersonService;

/// An example of every known path, with its methods.
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
    ("/docs/page.js", "GET, HEAD, OPTIONS"),
    ("/problems", "GET, HEAD, OPTIONS"),
    ("/problems/no-such-person", "GET, HEAD, OPTIONS"),
];

const UNKNOWN_PATHS: &str = "* /person /Persons /persons/ //persons /persons//1 /persons/1/ /persons/1/name \
    /persons/deleted/ /persons/./1 /./persons /x/../persons /persons/.. /%70ersons /persons%2F1 /persons%2f1 \
    /persons/%31 /persons/1%20 /persons;a=b /health /health/1 /livez/ /problems/ /favicon.ico";

const INVALID_OR_UNKNOWN_IDS: &str = "0 01 00 -1 +1 1.0 1e0 0x1 1_000 a 1a 2 9223372036854775807 \
    9223372036854775808 18446744073709551617 99999999999999999999";

#[test]
fn unknown_path_is_no_such_route() {
    let service = PersonService::start();
    service.create("Ada");
    for path in UNKNOWN_PATHS.split(' ') {
        for method in ["GET", "POST", "OPTIONS"] {
            if (method, path) == ("OPTIONS", "*") {
                continue;
            }
            let answer = service.admin().call(method, path).send();
            assert_eq!(answer.status, 404, "{method} {path}");
            assert_eq!(answer.expect_problem(404, "no-such-route").json()["instance"], path);
        }
    }
}

#[test]
fn invalid_or_unknown_id_is_no_such_person() {
    let service = PersonService::start();
    service.create("Ada");
    for id in INVALID_OR_UNKNOWN_IDS.split(' ') {
        for method in ["GET", "PUT", "DELETE"] {
            let call = service.admin().call(method, &format!("/persons/{id}"));
            let answer = call.json(&json!({"name": "Eve"})).send();
            assert_eq!(answer.status, 404, "{method} {id}");
            answer.expect_problem(404, "no-such-person");
        }
    }
    assert_eq!(service.admin().get("/persons/1").json()["name"], "Ada");
}

#[test]
fn wrong_method_is_405_with_allow() {
    let service = PersonService::start();
    for (path, allow) in PATHS {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "BREW", "get"] {
            if !allow.split(", ").any(|allowed| allowed == method) {
                let answer = service.anonymous().call(method, path).send();
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("allow"), Some(*allow), "{method} {path}");
                answer.expect_problem(405, "method-not-allowed");
            }
        }
    }
}

#[test]
fn options_is_204_with_allow() {
    let service = PersonService::start();
    for (path, allow) in PATHS {
        let answer = service.anonymous().call("OPTIONS", path).send().expect(204);
        assert_eq!(answer.header("allow"), Some(*allow), "{path}");
        assert!(answer.body.is_empty());
    }
}

#[test]
fn head_answers_as_get_without_the_body() {
    let service = PersonService::start();
    service.create("Ada");
    service.admin().delete(&format!("/persons/{}", service.create("Bob")));
    for (path, _) in PATHS {
        let client = if *path == "/persons/deleted" { service.health() } else { service.ada() };
        let (get, head) = (client.get(path).expect(200), client.call("HEAD", path).send().expect(200));
        assert!(head.body.is_empty(), "{path}");
        for name in ["content-type", "etag", "link", "cache-control"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
        if *path != "/metrics" {
            assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
        }
    }
    for (client, path, status) in [
        (service.ada(), "/nothing", 404),
        (service.anonymous(), "/persons", 401),
        (service.user("bob"), "/persons/1", 403),
    ] {
        let head = client.call("HEAD", path).send().expect(status);
        assert!(head.body.is_empty() && head.header("content-length").is_some(), "{path}");
    }
}

#[test]
fn bad_query_parameter_is_400_and_named() {
    let service = PersonService::start();
    service.create("Ada");
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
        let answer = service.ada().get(path);
        assert_eq!(answer.status, 400, "{path}");
        let detail = answer.expect_problem(400, "bad-query").json()["detail"].to_string();
        assert!(detail.contains(&format!("`{name}`")), "{path}: {detail}");
    }
    for query in ["limit=0", "after=x", "seq=1"] {
        service.health().get(&format!("/persons/deleted?{query}")).expect_problem(400, "bad-query");
    }
    for (method, path) in [("POST", "/persons?x=1"), ("PUT", "/persons/1?x=1"), ("DELETE", "/persons/1?x=1")]
    {
        let answer = service.ada().call(method, path).json(&json!({"name": "Eve"})).send();
        answer.expect_problem(400, "bad-query");
    }
    assert_eq!(service.list(), json!([{"id": 1, "name": "Ada", "owner": "ada"}]));
}

#[test]
fn query_parameter_within_its_range_is_accepted() {
    let service = PersonService::start();
    for query in ["", "limit=1", "limit=1000", "after=0", "after=9223372036854775807", "after=1&limit=2"] {
        let _ = service.ada().get(&format!("/persons?{query}")).expect(200);
    }
}
