//! The options and the exit codes of the program.

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

/// Runs only these checks on this lab.
fn check(lab: &BadLab, only: &str, more: &[&str]) -> Ran {
    let plan = lab.plan();
    let (person, health) = (plan.person.expect("given"), plan.health.expect("given"));
    let auth = plan.auth.expect("given");
    let urls = ["--person", &person, "--health", &health, "--auth", &auth, "--only", only];
    run(&[&urls[..], more].concat())
}

#[test]
fn exit_code_is_1_only_if_a_required_check_fails() {
    let good = check(&BadLab::start(None, false), "person", &[]);
    assert_eq!(good.code, Some(0), "{}", good.out);
    assert!(good.out.ends_with("\n"), "{}", good.out);
    let lab = BadLab::start(Some("person gives no Location"), false);
    let unpolished = check(&lab, "person", &["--verbose"]);
    assert_eq!(unpolished.code, Some(0), "{}", unpolished.out);
    assert!(unpolished.out.contains("FAIL expected  person-location"), "{}", unpolished.out);
    let bad = check(&BadLab::start(Some("person deletes nothing"), false), "person", &[]);
    assert_eq!(bad.code, Some(1), "{}", bad.out);
}

#[test]
fn summary_counts_skipped_checks() {
    let ran = check(&BadLab::start(None, false), "rule-asks-get", &[]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.out.contains("required 0/1 · expected 0/0 · robust 0/0 · not run 1 (1 required)"),
        "{}",
        ran.out
    );
}

#[test]
fn play_person_shows_the_lookups() {
    let lab = BadLab::start(None, true);
    let play = lab.plan().play.unwrap().to_string();
    let ran = check(&lab, "rule-asks-get", &["--play-person", &play, "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let check = &report["checks"][0];
    let id = check["exchanges"][0]["sent"].as_str().unwrap().split(['/', ' ']).nth(3).unwrap().to_owned();
    let asked = check["person_was_asked"].as_array().unwrap();
    assert!(asked.iter().any(|request| *request == format!("GET /persons/{id} with the token")), "{check}");
}

#[test]
fn exit_code_is_2_if_nothing_can_be_checked() {
    let unused = free_port(own_address()).to_string();
    let ran = run(&["--person", &unused, "--health", &unused]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("none of the services answers"), "{}", ran.err);
    let lab = BadLab::start(None, false);
    let taken = lab.plan().person.unwrap().replace("http://", "");
    let ran = check(&lab, "rule", &["--play-person", &taken]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains(&format!("cannot play person at {taken}")), "{}", ran.err);
}

#[test]
fn wrong_arguments_exit_with_64() {
    for (arguments, complaint) in [
        (&["--nope"][..], "unknown option --nope"),
        (&["--person"], "--person needs a value"),
        (&["--person", "https://example.org"], "invalid http:// URL: https://example.org"),
        (&["--play-person", "person"], "invalid address person"),
        (&["--patience", "0"], "--patience must be 1 to 600 seconds"),
        (&["--only", "person,nothing"], "unknown check, area, level or task \"nothing\""),
        (&["--format", "xml"], "--format must be one of terminal, json, junit, markdown, grid, not xml"),
        (&["--lang", "de"], "--lang must be one of en, fr, not de"),
        (&["--explain", "nothing"], "unknown check nothing"),
        (&["--fields", "/nowhere"], "/nowhere: "),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(64), "{arguments:?}");
        assert!(ran.err.contains(complaint), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn fields_file_with_an_unknown_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fields.json");
    std::fs::write(&file, r#"{"nom": "nom"}"#).unwrap();
    let ran = run(&["--fields", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(64));
    assert!(ran.err.contains("unknown field `nom`"), "{}", ran.err);
}

#[test]
fn only_takes_levels_too() {
    let ran = check(&BadLab::start(None, false), "required", &["--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let checks = report["checks"].as_array().unwrap();
    assert!(checks.len() > 30 && checks.iter().all(|check| check["level"] == "required"), "{}", ran.out);
}

#[test]
fn help_and_refusals_are_in_french_on_request() {
    assert!(run(&["-h", "--lang", "fr"]).out.starts_with("Contrôle une version du TP"));
    let ran = run(&["--nope", "--lang", "fr"]);
    assert!(ran.err.starts_with("conformance: option inconnue : --nope"), "{}", ran.err);
}

#[test]
fn list_and_explain_print_the_checks() {
    let list = run(&["--list", "--lang", "fr"]);
    assert_eq!(list.out.lines().count(), conformance::checks::all().count());
    let one = run(&["--explain", "rule-timeout", "--lang", "fr"]);
    assert!(one.out.contains("requests.get(url, timeout=1)"), "{}", one.out);
    assert!(
        one.out.contains("le service Santé n'attend pas le service Personne indéfiniment"),
        "{}",
        one.out
    );
    assert!(run(&["--help"]).out.contains("--play-person ADDRESS"));
}
