//! The order of a page: a newcomer's first steps come first, and the common routes are folded.

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::RunningLab;

fn open_auth() -> (RunningLab, Tab) {
    let lab = RunningLab::start();
    let [auth, ..] = lab.anonymous();
    let tab = Tab::open(auth.address());
    (lab, tab)
}

#[test]
fn register_comes_before_login() {
    let (_lab, mut tab) = open_auth();
    let routes =
        tab.evaluate("[...document.querySelectorAll('#routes .route')].slice(0, 3).map(({id}) => id)");
    assert_eq!(routes, json!(["register", "logIn", "readMe"]));
}

#[test]
fn routes_of_every_service_are_folded_away() {
    let (_lab, mut tab) = open_auth();
    let folded = "[...document.querySelectorAll('.route')].filter((route) => !route.checkVisibility()).map(({id}) => id)";
    let folded = tab.evaluate(folded);
    let folded: Vec<_> = folded.as_array().expect("an array").iter().filter_map(Value::as_str).collect();
    assert!(folded.contains(&"readMetrics") && folded.contains(&"checkLife"), "{folded:?}");
    assert!(!folded.contains(&"register"), "{folded:?}");
}

#[test]
fn rules_of_usernames_and_passwords_are_shown() {
    let (_lab, mut tab) = open_auth();
    tab.unfold("register");
    let shown = tab.text("document.getElementById('register').innerText");
    for rule in ["2 to 32 characters: lower-case letters, digits", "8 to 256 bytes", "nor a common password"]
    {
        assert!(shown.contains(rule), "{rule}: {shown}");
    }
}

#[test]
fn body_comes_before_the_headers() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open(ada.person.address());
    tab.fill("#token", &ada.token);
    tab.unfold("createPerson");
    let form = tab.text("document.querySelector('#createPerson form').textContent");
    assert!(form.find("body") < form.find("Idempotency-Key"), "{form}");
    let answer = tab.try_route("createPerson");
    assert!(answer.find("\"owner\"") < answer.find("traceparent"), "{answer}");
}

#[test]
fn route_named_in_the_address_is_open() {
    let (_lab, mut tab) = open_auth();
    tab.unfold("logIn");
    tab.wait_for("location.hash === '#logIn'");
    tab.call("Page.reload", &json!({}));
    tab.wait_for("document.querySelector('.route[open]')");
    let open = tab.evaluate("[...document.querySelectorAll('.route[open]')].map(({id}) => id)");
    assert_eq!(open, json!(["logIn"]));
}

#[test]
fn ctrl_enter_sends_the_request() {
    let (_lab, mut tab) = open_auth();
    tab.unfold("register");
    tab.fill("#register textarea", r#"{"username": "ada", "password": "analytical engine"}"#);
    tab.press_ctrl_enter();
    let answer = tab.answer("register");
    assert!(answer.starts_with("201 Created"), "{answer}");
}
