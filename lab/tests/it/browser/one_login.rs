//! One login for the pages of all three services: their links carry the token.

use serde_json::{Value, json};

use super::tab::Tab;
use super::trying::body;
use crate::running_lab::RunningLab;
use crate::users::PASSWORD;

#[test]
fn one_login_serves_all_three_pages() {
    let lab = RunningLab::start();
    let mut tab = Tab::open_lab(&lab);
    let account = json!({"username": "ada", "password": PASSWORD}).to_string();
    for (route, status) in [("register", "201 Created"), ("logIn", "200 OK")] {
        tab.unfold(route);
        tab.fill(&format!("#{route} textarea"), &account);
        let answer = tab.try_route(route);
        assert!(answer.starts_with(status), "{answer}");
    }
    let token = tab.text("document.getElementById('token').value");
    assert!(token.len() > 100, "{token}");

    assert_eq!(tab.follow("person"), "http://localhost:5001/docs");
    assert_eq!(tab.text("document.getElementById('token').value"), token);
    tab.unfold("createPerson");
    let answer = tab.try_route("createPerson");
    assert!(answer.starts_with("201 Created"), "{answer}");
    let id = body(&answer)["id"].to_string();

    assert_eq!(tab.follow("health"), "http://localhost:5002/docs");
    tab.unfold("addRecord");
    tab.fill("#addRecord [name=person_id]", &id);
    let answer = tab.try_route("addRecord");
    assert!(answer.starts_with("201 Created"), "{answer}");
    let stored = lab.with_token(&token).record(id.parse().expect("an id")).expect(200).json();
    assert_eq!(stored, body(&answer));
    assert_eq!(stored["blood_pressure"], json!({"systolic": 120, "diastolic": 80}));

    // The addresses that a copied link, a bookmark or the way back would have.
    let links = tab.text("[...document.querySelectorAll('a')].map((a) => a.href).join()");
    let way_back = tab.addresses_of_the_way_back();
    assert!(way_back.len() >= 3, "{way_back:?}");
    assert!(![links, way_back.join(",")].iter().any(|text| text.contains(&token)), "{way_back:?}");
    assert_eq!(tab.requests_elsewhere(), Vec::<&str>::new());
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

#[test]
fn token_in_a_link_of_another_site_is_dropped() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open_lab(&lab);
    for (referrer, token) in [("http://evil.example/", ""), ("", ""), ("http://localhost:5003/", &*ada.token)]
    {
        let url = format!("http://localhost:5001/docs#token={}", ada.token);
        tab.call("Page.navigate", &json!({"url": "about:blank"}));
        tab.call("Page.navigate", &json!({"url": url, "referrer": referrer}));
        tab.wait_for("location.port === '5001' && document.getElementById('whose')?.textContent");
        assert_eq!(tab.text("location.href"), "http://localhost:5001/docs", "from {referrer}");
        assert_eq!(tab.text("document.getElementById('token').value"), token, "from {referrer}");
    }
}

#[test]
fn page_at_another_port_links_to_no_other_service() {
    let lab = RunningLab::start();
    let [auth, ..] = lab.anonymous();
    let mut tab = Tab::open(auth.address());
    assert_eq!(tab.evaluate("document.querySelectorAll('#services a').length"), 0);
}
