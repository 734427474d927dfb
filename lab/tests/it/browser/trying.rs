//! Trying routes on the pages.

use std::process::Command;

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::{PASSWORD, User};

/// Opens a service's page and enters a user's token.
fn page_of(user: &User, service: &testkit::Client) -> Tab {
    let mut tab = Tab::open(service.address());
    tab.fill("#token", &user.token);
    tab
}

/// Returns the JSON object in an answer as the page or curl shows it.
pub(super) fn body(answer: &str) -> Value {
    let start = answer.find("\n{").unwrap_or_else(|| panic!("no object in {answer}"));
    let mut values = serde_json::Deserializer::from_str(&answer[start..]).into_iter();
    values.next().expect("a value").expect("JSON")
}

#[track_caller]
fn assert_no_errors(tab: &Tab) {
    assert_eq!(tab.requests_elsewhere(), Vec::<&str>::new());
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

#[test]
fn user_registers_logs_in_and_adds_vital_signs() {
    let lab = RunningLab::start();
    let [auth, person, health] = lab.anonymous();
    let account = json!({"username": "ada", "password": PASSWORD}).to_string();

    let mut tab = Tab::open(auth.address());
    for (route, status) in [("register", "201 Created"), ("logIn", "200 OK")] {
        tab.unfold(route);
        tab.fill(&format!("#{route} textarea"), &account);
        let answer = tab.try_route(route);
        assert!(answer.starts_with(status), "{answer}");
    }
    let token = tab.text("document.getElementById('token').value");
    assert!(tab.text("document.getElementById('whose').textContent").starts_with("ada, user, good until "));
    assert_no_errors(&tab);

    let mut tab = Tab::open(person.address());
    tab.fill("#token", &token);
    tab.unfold("createPerson");
    tab.fill("#createPerson textarea", r#"{"name": "Ada Lovelace"}"#);
    let answer = tab.try_route("createPerson");
    assert!(answer.starts_with("201 Created"), "{answer}");
    let id = body(&answer)["id"].to_string();
    assert_no_errors(&tab);

    let mut tab = Tab::open(health.address());
    tab.fill("#token", &token);
    tab.unfold("addRecord");
    tab.fill("#addRecord [name=person_id]", &id);
    let answer = tab.try_route("addRecord");
    assert!(answer.starts_with("201 Created"), "{answer}");
    assert!(answer.contains(&format!("desc=\"GET /persons/{id} 200\"")), "{answer}");
    assert_no_errors(&tab);

    let stored = lab.with_token(&token).record(id.parse().expect("an id")).expect(200).json();
    assert_eq!(stored, body(&answer));
    assert_eq!(stored["blood_pressure"], json!({"systolic": 120, "diastolic": 80}));
}

#[test]
fn copied_command_gets_the_same_answer() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = page_of(&ada, &ada.person);
    tab.unfold("createPerson");
    tab.fill("#createPerson textarea", r#"{"name": "Miles O'Brien $HOME"}"#);
    let command = tab.copy_command("createPerson");
    let answer = body(&tab.try_route("createPerson"));
    let ran = Command::new("sh").args(["-c", &command]).output().expect("a shell");
    let printed = String::from_utf8_lossy(&ran.stdout).replace('\r', "");
    assert!(printed.starts_with("HTTP/1.1 201 Created\n"), "{command}\n{printed}");
    assert_eq!(body(&printed)["name"], answer["name"]);
    assert_eq!(ada.names(), ["Miles O'Brien $HOME", "Miles O'Brien $HOME"]);

    tab.unfold("renamePerson");
    tab.fill("#renamePerson [name=id]", "1");
    tab.fill("#renamePerson [name=If-Match]", "\"0\"");
    let command = tab.copy_command("renamePerson");
    assert!(command.contains("curl -i -X PUT http://127.0.0."), "{command}");
    assert!(command.ends_with("-H 'If-Match: \"0\"' \\\n  --json '{\n  \"name\": \"Ada\"\n}'"), "{command}");
    assert!(tab.try_route("renamePerson").starts_with("412 Precondition Failed"));
}

#[test]
fn error_is_shown_with_its_challenge() {
    let lab = RunningLab::start();
    let [_, person, _] = lab.anonymous();
    let mut tab = Tab::open(person.address());
    tab.unfold("listPersons");
    let answer = tab.try_route("listPersons");
    assert!(answer.starts_with("401 Unauthorized"), "{answer}");
    assert!(answer.contains("www-authenticate: Bearer realm=\"mini-projet\"\n"), "{answer}");
    assert_eq!(body(&answer)["type"], "/problems/missing-token");
}
