//! What must hold for the whole workspace, whatever is written: see "Invariants" in docs/ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::workspace;

/// They know each other by HTTP only.
const SERVICES: [&str; 3] = ["auth", "person", "health"];
const BUSINESS_NOUNS: [&str; 7] = ["person", "persons", "health", "vital", "vitals", "weight", "blood"];
const LONGEST_FILE: usize = 300;

/// Every source file of the workspace, tests left out.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let inside = |folder: PathBuf| {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
    };
    let places = ["", "crates", "checks"].map(|place| workspace().join(place));
    let mut folders: Vec<PathBuf> = places
        .into_iter()
        .flat_map(inside)
        .filter(|member| member.join("Cargo.toml").exists())
        .map(|member| member.join("src"))
        .collect();
    assert!(folders.len() >= 13, "{folders:?}");
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 40, "{} source files", found.len());
    found
}

/// The lines of the sources that `wrong` finds something in, as `path:line: what`.
fn faults(files: &[PathBuf], wrong: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("text");
        for (number, line) in (1..).zip(text.lines()) {
            faults.extend(wrong(line).map(|what| format!("{}:{number}: {what}", file.display())));
        }
    }
    faults
}

/// The crates of this workspace that a crate uses, in its code and in its tests.
fn uses(package: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut code, mut tests) = (BTreeSet::new(), BTreeSet::new());
    for dependency in package["dependencies"].as_array().expect("dependencies") {
        if dependency["path"].is_string() {
            let kind = if dependency["kind"] == "dev" { &mut tests } else { &mut code };
            kind.insert(dependency["name"].as_str().expect("a name").to_owned());
        }
    }
    (code, tests)
}

#[test]
fn no_service_depends_on_another_and_what_they_share_on_none() {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let ran = Command::new(env!("CARGO")).args(arguments).current_dir(workspace()).output().expect("cargo");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let metadata: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let allowed: &[&str] = match name {
            "daemon" | "fake_person" => &[],
            "token" => &["daemon"],
            "chassis" => &["daemon", "token"],
            "sqlite" | "journal" => &["chassis", "daemon"],
            "testkit" => &["chassis", "daemon", "fake_person", "token"],
            "auth" | "person" => &["chassis", "daemon", "sqlite", "token"],
            "health" => &["chassis", "daemon", "journal", "token"],
            "bench" | "faults" => &["testkit"],
            // It must not know what it checks.
            "conformance" => &["fake_person"],
            "lab" => &["auth", "chassis", "daemon", "health", "person", "token"],
            other => panic!("{other} is new: what may it use?"),
        };
        let (code, tests) = uses(package);
        let too_much: Vec<_> = code.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(too_much.is_empty(), "{name} uses {too_much:?}");
        if name != "lab" && name != "conformance" {
            let services: Vec<_> = tests.iter().filter(|used| SERVICES.contains(&used.as_str())).collect();
            assert!(services.is_empty(), "the tests of {name} use {services:?}");
        }
    }
}

#[test]
fn no_source_file_is_too_long_to_be_read_at_once() {
    let lines = |file: &PathBuf| fs::read_to_string(file).expect("text").lines().count();
    let long =
        sources().into_iter().map(|file| (lines(&file), file)).filter(|(lines, _)| *lines > LONGEST_FILE);
    assert_eq!(long.collect::<Vec<_>>(), []);
}

#[test]
fn only_main_ends_the_process() {
    let elsewhere: Vec<_> = sources().into_iter().filter(|file| !file.ends_with("src/main.rs")).collect();
    let ends = |line: &str| {
        // The hints of `conformance` are in another language, where `abort` only ends a request.
        let line: String = line.replace("\\\"", "").split('"').step_by(2).collect();
        let calls = ["process::exit", "process::abort", "exit(", "abort("];
        calls.into_iter().find(|call| line.contains(call)).map(str::to_owned)
    };
    assert_eq!(faults(&elsewhere, ends), Vec::<String>::new());
}

#[test]
fn the_chassis_knows_no_business_noun_and_no_store() {
    let nouns = [&BUSINESS_NOUNS[..], &["sqlite", "rusqlite", "jsonl", "journal"]].concat();
    assert_eq!(mentions(&["chassis", "daemon"], &nouns), Vec::<String>::new());
}

#[test]
fn tokens_and_stores_know_no_business_noun() {
    assert_eq!(mentions(&["token", "sqlite", "journal"], &BUSINESS_NOUNS), Vec::<String>::new());
}

/// Where the sources of these crates name one of these things, in code, strings or comments.
fn mentions(crates: &[&str], nouns: &[&str]) -> Vec<String> {
    let of_these =
        |file: &PathBuf| crates.iter().any(|name| file.starts_with(workspace().join("crates").join(name)));
    let files: Vec<_> = sources().into_iter().filter(of_these).collect();
    assert!(files.len() > crates.len(), "{files:?}");
    faults(&files, |line| words(line).into_iter().find(|word| nouns.contains(&word.as_str())))
}

#[test]
fn a_store_knows_no_http_and_a_handler_no_sql() {
    let named = |names: &[&str]| -> Vec<PathBuf> {
        sources()
            .into_iter()
            .filter(|file| names.iter().any(|name| file.to_string_lossy().contains(name)))
            .collect()
    };
    let http = ["hyper", "StatusCode", "Reply", "Problem", "http"];
    let sql = ["rusqlite", "sqlite", "SELECT", "INSERT", "UPDATE"];
    let store = faults(&named(&["/src/store"]), |line| found(line, &http));
    assert_eq!(store, Vec::<String>::new());
    assert_eq!(
        faults(&named(&["/src/handlers.rs", "/src/routes.rs"]), |line| found(line, &sql)),
        Vec::<String>::new()
    );
}

/// The first of these words in a line of code; comments may name them.
fn found(line: &str, names: &[&str]) -> Option<String> {
    let code = line.split("//").next().unwrap_or_default();
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.into_iter().find(|word| names.contains(word)).map(str::to_owned)
}

/// The words of a line, in lower case: `PersonId`, `person_id` and `"person-id"` each are "person" and "id".
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in line.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("one at least").extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

#[test]
fn words_are_found_in_names_of_every_kind() {
    assert_eq!(words("struct PersonId(u8); // no-such-person").concat(), "structpersonidu8nosuchperson");
    for line in ["PersonId", "person_id", "\"no-such-person\"", "/// a person.", "PERSON_URL"] {
        assert!(words(line).contains(&"person".to_owned()), "{line}");
    }
    assert!(!words("healthcheck, personal").iter().any(|word| word == "health" || word == "person"));
}
