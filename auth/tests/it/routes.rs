//! The routes of auth as the chassis serves them: methods, documents, metrics.

use serde_json::json;
use testkit::openapi::assert_documents;

use crate::lab::{Lab, PASSWORD};

#[test]
fn each_path_answers_its_methods_and_no_other() {
    let lab = Lab::new();
    for (path, allow) in
        [("/register", "POST, OPTIONS"), ("/login", "POST, OPTIONS"), ("/me", "GET, HEAD, OPTIONS")]
    {
        let options = lab.client().call("OPTIONS", path).send().expect(204);
        assert_eq!(options.header("allow"), Some(allow));
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
            if !allow.contains(method) {
                let answer = lab.client().call(method, path).send().expect(405);
                assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
            }
        }
    }
    for path in ["/users", "/register/", "/login/ada", "/token", "/persons"] {
        lab.client().get(path).expect_problem(404, "no-such-route");
    }
}

#[test]
fn every_problem_of_its_own_has_a_page() {
    let lab = Lab::new();
    for (slug, status) in [("wrong-credentials", 401), ("username-taken", 409), ("too-many-failures", 429)] {
        let page = lab.client().get(&format!("/problems/{slug}")).expect(200).text();
        assert!(page.contains(&format!("({status})")), "{page}");
        assert!(lab.client().get("/problems").text().contains(slug));
    }
}

#[test]
fn the_index_and_the_probes_name_the_service_and_say_that_it_is_ready() {
    let lab = Lab::new();
    let index = lab.client().get("/").expect(200).json();
    assert_eq!((&index["name"], &index["version"]), (&json!("auth"), &json!(auth::VERSION)));
    assert_eq!(lab.client().get("/readyz").expect(200).text(), "ready\n");
}

#[test]
fn logins_are_counted_by_outcome_and_never_by_name() {
    let lab = Lab::new();
    let _ = lab.token_of("wilhelmina");
    let _ = lab.log_in("wilhelmina", "difference engine").expect(401);
    let page = lab.client().get("/metrics").expect(200).text();
    for series in [
        "http_requests_total{method=\"POST\",route=\"/register\",status=\"201\"} 1\n",
        "http_requests_total{method=\"POST\",route=\"/login\",status=\"200\"} 1\n",
        "http_requests_total{method=\"POST\",route=\"/login\",status=\"401\"} 1\n",
        "store_writes_total 1\n",
        "password_hash_seconds_count 3\n",
    ] {
        assert!(page.contains(series), "{series} in {page}");
    }
    assert!(!page.contains("wilhelmina") && !page.contains(PASSWORD));
}

#[test]
fn the_openapi_document_names_the_routes_that_are_served() {
    let lab = Lab::new();
    let document = lab.client().get("/openapi.json").expect(200).json();
    assert_eq!(document["info"]["version"], auth::VERSION);
    assert_documents(&document, auth::routes::ROUTES);
}
