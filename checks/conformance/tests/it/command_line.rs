//! The program: its options and its exit codes.

use std::process::Command;

use super::bad_lab::{BadLab, free_port, own_address};

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    let ran = Command::new(env!("CARGO_BIN_EXE_conformance")).args(arguments).output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: ran.status.code(), out: text(ran.stdout), err: text(ran.stderr) }
}

/// Checks this lab, and nothing but what is named.
fn check(lab: &BadLab, only: &str, more: &[&str]) -> Ran {
    let plan = lab.plan();
    let (person, health) = (plan.person.expect("given"), plan.health.expect("given"));
    let auth = plan.auth.expect("given");
    let urls = ["--person", &person, "--health", &health, "--auth", &auth, "--only", only];
    run(&[&urls[..], more].concat())
}

#[test]
fn it_ends_with_0_when_nothing_required_fails_and_with_1_when_something_does() {
    let good = check(&BadLab::start(None, false), "person", &[]);
    assert_eq!(good.code, Some(0), "{}", good.out);
    assert!(good.out.ends_with("\n"), "{}", good.out);
    let unpolished = check(&BadLab::start(Some("person gives no Location"), false), "person", &[]);
    assert_eq!(unpolished.code, Some(0), "{}", unpolished.out);
    assert!(unpolished.out.contains("FAIL expected  person-location"), "{}", unpolished.out);
    let bad = check(&BadLab::start(Some("person deletes nothing"), false), "person", &[]);
    assert_eq!(bad.code, Some(1), "{}", bad.out);
}

#[test]
fn it_says_what_was_not_run_even_where_nothing_failed() {
    let ran = check(&BadLab::start(None, false), "rule-asks-get", &[]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.contains("required 0/0 · expected 0/0 · robust 0/0 · not run 1 (1 required)"),
        "{}",
        ran.out
    );
}

#[test]
fn it_plays_person_where_it_is_told_to() {
    let lab = BadLab::start(None, true);
    let play = lab.plan().play.unwrap().to_string();
    let ran = check(&lab, "rule-asks-get", &["--play-person", &play, "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let check = &report["checks"][0];
    let id = check["exchanges"][0]["sent"].as_str().unwrap().split(['/', ' ']).nth(3).unwrap().to_owned();
    let asked = check["person_was_asked"].as_array().unwrap();
    assert!(asked.iter().any(|asked| *asked == format!("GET /persons/{id} with the token")), "{check}");
}

#[test]
fn it_ends_with_2_when_there_is_nothing_to_check() {
    let nobody = free_port(own_address()).to_string();
    let ran = run(&["--person", &nobody, "--health", &nobody]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("none of the services answers"), "{}", ran.err);
    let lab = BadLab::start(None, false);
    let taken = lab.plan().person.unwrap().replace("http://", "");
    let ran = check(&lab, "rule", &["--play-person", &taken]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&format!("cannot play person at {taken}")), "{}", ran.err);
}

#[test]
fn a_wrong_call_is_explained_and_ends_with_64() {
    for (arguments, complaint) in [
        (&["--nope"][..], "there is no option --nope"),
        (&["--person"], "--person wants a value"),
        (&["--person", "https://example.org"], "no http:// URL"),
        (&["--play-person", "person"], "no address with a port"),
        (&["--patience", "0"], "no number of seconds"),
        (&["--only", "person,nothing"], "no check and no area \"nothing\""),
        (&["--format", "xml"], "no format xml"),
        (&["--lang", "de"], "no language de"),
        (&["--explain", "nothing"], "no check nothing"),
        (&["--fields", "/nowhere"], "/nowhere: "),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(64), "{arguments:?}");
        assert!(ran.err.contains(complaint), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn a_field_file_with_an_unknown_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fields.json");
    std::fs::write(&file, r#"{"nom": "nom"}"#).unwrap();
    let ran = run(&["--fields", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(64));
    assert!(ran.err.contains("unknown field `nom`"), "{}", ran.err);
}

#[test]
fn it_lists_and_explains_the_checks() {
    let list = run(&["--list", "--lang", "fr"]);
    assert_eq!(list.out.lines().count(), conformance::checks::all().count());
    let one = run(&["--explain", "rule-timeout", "--lang", "fr"]);
    assert!(one.out.contains("requests.get(url, timeout=1)"), "{}", one.out);
    assert!(one.out.contains("health n'attend pas person indéfiniment"), "{}", one.out);
    assert!(run(&["--help"]).out.contains("--play-person ADDRESS"));
}
