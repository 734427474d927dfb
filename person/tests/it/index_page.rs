//! `GET /` as a page for browsers.

use crate::service::test_dir;

#[test]
fn browser_gets_an_index_page_with_links() {
    let dir = test_dir().with("RELATED_SERVICES", "auth=http://localhost:5003,health=http://localhost:5002");
    let mut service = dir.serve();
    let client = service.client();
    let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = client.call("GET", "/").header("accept", firefox).send().expect(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("vary"), Some("accept"));
    assert!(answer.header("content-security-policy").expect("a policy").starts_with("default-src 'none';"));
    let page = answer.text();
    for part in [
        "<h1>person ",
        "href=\"docs\"",
        "<code>POST /persons</code>",
        "<a href=\"http://localhost:5003/\">auth</a>",
        "<a href=\"http://localhost:5002/docs\">",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let links = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().expect("the end of a link"));
    let own: Vec<_> = links.filter(|link| !link.contains(':')).collect();
    assert!(own.len() > 5, "{own:?}");
    for path in own {
        let _ = client.get(&format!("/{path}")).expect(200);
    }
    let answer = client.call("GET", "/").header("accept", "*/*").send().expect(200);
    assert_eq!(answer.json()["name"], "person");
}

#[test]
fn related_services_must_have_origins() {
    let ended = test_dir().run(&["serve"], &[("RELATED_SERVICES", "auth=localhost")]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.err.contains("expected names and origins"), "{}", ended.err);
}
