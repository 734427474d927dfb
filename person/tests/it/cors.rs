//! Pages of other origins: which may read answers.

use testkit::{Answer, Client};

use crate::service::{ada, test_dir};

const PAGE: &str = "http://localhost:8080";

fn from(origin: &str, client: &Client, path: &str) -> Answer {
    client.call("GET", path).header("Origin", origin).send()
}

#[test]
fn page_of_another_origin_may_read_nothing_by_default() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = ada(&mut process);
    let answer = from(PAGE, &client, "/persons").expect(200);
    assert_eq!((answer.header("access-control-allow-origin"), answer.header("vary")), (None, None));
}

#[test]
fn page_of_an_allowed_origin_may_read_answers_and_errors() {
    let dir = test_dir().with("ALLOWED_ORIGINS", &format!("https://a.example,{PAGE}"));
    let mut process = dir.serve();
    let client = ada(&mut process);
    for path in ["/persons", "/persons/7", "/nothing"] {
        let answer = from(PAGE, &client, path);
        assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
        assert!(answer.header("access-control-expose-headers").is_some_and(|names| names.contains("etag")));
        assert_eq!(answer.header("vary"), Some("origin"));
    }
    let page = from(PAGE, &client, "/problems").expect(200);
    let vary: Vec<_> =
        page.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value).collect();
    assert_eq!(vary, ["accept-language", "origin"]);
    for origin in
        ["http://localhost", "http://localhost:80801", "null", "https://b.example", "HTTP://LOCALHOST:8080"]
    {
        let answer = from(origin, &client, "/persons").expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert_eq!(answer.header("vary"), Some("origin"));
    }
}

#[test]
fn preflight_of_an_allowed_origin_lists_methods_and_headers() {
    let dir = test_dir().with("ALLOWED_ORIGINS", PAGE);
    let mut process = dir.serve();
    let client = process.client();
    let call = client.call("OPTIONS", "/persons").header("Origin", PAGE);
    let answer = call.header("Access-Control-Request-Method", "POST").send().expect(204);
    assert_eq!(answer.header("access-control-allow-methods"), Some("GET, POST, HEAD, OPTIONS"));
    let headers = answer.header("access-control-allow-headers").expect("a list");
    assert!(
        ["authorization", "content-type", "if-match"].iter().all(|name| headers.contains(name)),
        "{headers}"
    );
}

#[test]
fn origin_that_no_browser_sends_is_refused_at_start() {
    let ended = test_dir().run(&["serve"], &[("ALLOWED_ORIGINS", "http://a/,*")]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.err.contains("`http://a/` is not an origin"), "{}", ended.err);
}
