//! The routes, problems and metrics that only auth has.

use serde_json::json;
use testkit::openapi::{assert_answers, assert_documents};

use crate::service::{AuthService, PASSWORD, WRONG};

#[test]
fn problem_types_of_auth_have_pages() {
    let service = AuthService::start();
    let list = service.client().get("/problems").text();
    for (slug, status) in [
        ("wrong-credentials", 401),
        ("insufficient-user-authentication", 401),
        ("wrong-password", 403),
        ("username-taken", 409),
        ("too-many-failures", 429),
    ] {
        let page = service.client().get(&format!("/problems/{slug}")).expect(200).text();
        assert!(page.contains(&format!("({status})")), "{page}");
        assert!(list.contains(slug), "{slug} in {list}");
    }
}

#[test]
fn logins_are_counted_without_usernames() {
    let service = AuthService::start();
    let _ = service.token_of("wilhelmina");
    let _ = service.log_in("wilhelmina", WRONG).expect(401);
    let page = service.client().get("/metrics").expect(200).text();
    // Over a cluster each of the two logins is a write at its begin and at its end.
    let writes = if cfg!(feature = "cluster") { "store_writes_total 5\n" } else { "store_writes_total 1\n" };
    for series in [
        "http_requests_total{method=\"POST\",route=\"/register\",status=\"201\"} 1\n",
        "http_requests_total{method=\"POST\",route=\"/login\",status=\"200\"} 1\n",
        "http_requests_total{method=\"POST\",route=\"/login\",status=\"401\"} 1\n",
        writes,
        "password_hash_seconds_count 3\n",
    ] {
        assert!(page.contains(series), "{series} in {page}");
    }
    assert!(!page.contains("wilhelmina") && !page.contains(PASSWORD));
}

#[test]
fn openapi_document_and_index_name_the_service() {
    let service = AuthService::start();
    let document = service.client().get("/openapi.json").expect(200).json();
    assert_eq!(document["info"]["version"], auth::VERSION);
    assert_documents(&document, auth::routes::ROUTES, &chassis::Settings::default());
    let index = service.client().get("/").expect(200).json();
    assert_eq!((&index["name"], &index["version"]), (&json!("auth"), &json!(auth::VERSION)));
}

#[test]
fn openapi_document_has_every_field_of_an_answer() {
    let service = AuthService::start();
    let document = service.client().get("/openapi.json").expect(200).json();
    let registered = service.register("ada", PASSWORD).expect(201).json();
    let login = service.log_in("ada", PASSWORD).expect(200).json();
    let ada = service.client().with_token(login["access_token"].as_str().expect("a token"));
    let account = ada.get("/me").expect(200).json();
    assert_answers(&document, &[("register", registered), ("logIn", login), ("readMe", account)]);
}
