//! Trying routes on the pages.

use std::process::Command;

use serde_json::Value;

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::User;

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
    tab.unfold_headers("renamePerson");
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
