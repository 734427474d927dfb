//! Rules for the source code of the whole workspace: see "Invariants" in docs/ARCHITECTURE.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::workspace;

/// The services, which know each other by HTTP only.
const SERVICES: [&str; 3] = ["auth", "person", "health"];
const BUSINESS_NOUNS: [&str; 7] = ["person", "persons", "health", "vital", "vitals", "weight", "blood"];
const LONGEST_FILE: usize = 300;

/// Returns every source file of the workspace, without `tests` folders.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let inside = |folder: PathBuf| {
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
    };
    let parents = ["", "crates", "checks"].map(|parent| workspace().join(parent));
    let mut folders: Vec<PathBuf> = parents
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

/// Returns `path:line: what` for each line in which `find` finds something.
fn violations(files: &[PathBuf], find: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("text");
        for (number, line) in (1..).zip(text.lines()) {
            violations.extend(find(line).map(|what| format!("{}:{number}: {what}", file.display())));
        }
    }
    violations
}

/// Returns the crates of this workspace that a crate depends on, for its code and for its tests.
fn dependencies(package: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
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
fn only_one_file_has_unsafe_code() {
    let is_unsafe = |line: &str| line.contains("unsafe {").then(|| line.trim().to_owned());
    let found = violations(&sources(), is_unsafe);
    assert!(found.len() == 1 && found[0].contains("daemon/src/memory.rs"), "{found:?}");
}

#[test]
fn crates_depend_only_on_those_below_them() {
    let arguments = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let ran = Command::new(env!("CARGO")).args(arguments).current_dir(workspace()).output().expect("cargo");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let metadata: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        let allowed: &[&str] = match name {
            "daemon" | "fake_person" => &[],
            "storage" | "token" => &["daemon"],
            "sqlite" | "journal" | "postgres" => &["daemon", "storage"],
            "chassis" => &["daemon", "storage", "token"],
            "testkit" => &["chassis", "daemon", "fake_person", "token"],
            "auth" => &["chassis", "daemon", "postgres", "sqlite", "storage", "token"],
            "person" => &["chassis", "daemon", "postgres", "sqlite", "storage", "token"],
            "health" => &["chassis", "daemon", "journal", "postgres", "storage", "token"],
            "bench" | "faults" => &["testkit"],
            // It must not depend on the services that it checks.
            "conformance" => &["fake_person"],
            "lab" => &["auth", "chassis", "daemon", "health", "person", "token"],
            other => panic!("{other} is new: add its dependencies here"),
        };
        let (code, tests) = dependencies(package);
        let too_much: Vec<_> = code.iter().filter(|used| !allowed.contains(&used.as_str())).collect();
        assert!(too_much.is_empty(), "{name} uses {too_much:?}");
        if name != "lab" && name != "conformance" {
            let services: Vec<_> = tests.iter().filter(|used| SERVICES.contains(&used.as_str())).collect();
            assert!(services.is_empty(), "the tests of {name} use {services:?}");
        }
    }
}

#[test]
fn no_source_file_has_more_than_300_lines() {
    let lines = |file: &PathBuf| fs::read_to_string(file).expect("text").lines().count();
    let long =
        sources().into_iter().map(|file| (lines(&file), file)).filter(|(lines, _)| *lines > LONGEST_FILE);
    assert_eq!(long.collect::<Vec<_>>(), []);
}

#[test]
fn only_main_ends_the_process() {
    let elsewhere: Vec<_> = sources().into_iter().filter(|file| !file.ends_with("src/main.rs")).collect();
    let ends = |line: &str| {
        // Strings are left out: only code counts.
        let line: String = line.replace("\\\"", "").replace(".abort(", "").split('"').step_by(2).collect();
        let calls = ["process::exit", "process::abort", "exit(", "abort("];
        calls.into_iter().find(|call| line.contains(call)).map(str::to_owned)
    };
    assert_eq!(violations(&elsewhere, ends), Vec::<String>::new());
}

#[test]
fn crates_know_no_business_noun() {
    let stores = [&BUSINESS_NOUNS[..], &["sqlite", "rusqlite", "jsonl", "journal"]].concat();
    assert_eq!(mentions(&["chassis", "daemon"], &stores), Vec::<String>::new());
    assert_eq!(
        mentions(&["token", "storage", "sqlite", "journal", "postgres"], &BUSINESS_NOUNS),
        Vec::<String>::new()
    );
}

/// Returns where the sources of these crates have one of these words, in code, strings or comments.
fn mentions(crates: &[&str], nouns: &[&str]) -> Vec<String> {
    violations(&sources_of(crates), |line| {
        words(line).into_iter().find(|word| nouns.contains(&word.as_str()))
    })
}

/// Returns the source files of these crates.
fn sources_of(crates: &[&str]) -> Vec<PathBuf> {
    let of_these =
        |file: &PathBuf| crates.iter().any(|name| file.starts_with(workspace().join("crates").join(name)));
    let files: Vec<_> = sources().into_iter().filter(of_these).collect();
    assert!(files.len() > crates.len(), "{files:?}");
    files
}

#[test]
fn pages_know_no_business_noun() {
    let folders = ["docs", "live"].map(|page| workspace().join("crates/chassis/src").join(page));
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let entries = entries.map(|entry| entry.expect("an entry").path());
    // A style sheet holds no text, and `font-weight`.
    let files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|extension| extension != "css")).collect();
    assert!(files.len() > 5, "{files:?}");
    let nouns = |line: &str| words(line).into_iter().find(|word| BUSINESS_NOUNS.contains(&word.as_str()));
    assert_eq!(violations(&files, nouns), Vec::<String>::new());
}

#[test]
fn stores_know_no_http_and_handlers_no_sql() {
    let named = |names: &[&str]| -> Vec<PathBuf> {
        sources()
            .into_iter()
            .filter(|file| names.iter().any(|name| file.to_string_lossy().contains(name)))
            .collect()
    };
    let http = ["hyper", "StatusCode", "Reply", "Problem", "http"];
    let sql = ["rusqlite", "sqlite", "postgres", "SELECT", "INSERT", "UPDATE"];
    let store = violations(&named(&["/src/store"]), |line| found(line, &http));
    assert_eq!(store, Vec::<String>::new());
    assert_eq!(
        violations(&named(&["/src/handlers.rs", "/src/routes.rs"]), |line| found(line, &sql)),
        Vec::<String>::new()
    );
}

#[test]
fn storage_engines_know_no_http() {
    let http = ["chassis", "hyper", "http", "StatusCode", "Reply", "Problem"];
    let engines = sources_of(&["storage", "sqlite", "journal", "postgres"]);
    assert_eq!(violations(&engines, |line| found(line, &http)), Vec::<String>::new());
}

/// Returns the first of these words in a line of code, without its comment.
fn found(line: &str, names: &[&str]) -> Option<String> {
    let code = line.split("//").next().unwrap_or_default();
    let words = code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.into_iter().find(|word| names.contains(word)).map(str::to_owned)
}

/// Returns the words of a line, in lower case: `PersonId`, `person_id` and `"person-id"` each are "person" and "id".
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in line.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("at least one word").extend(c.to_lowercase());
        }
        before = c;
    }
    words
}

#[test]
fn words_are_found_in_every_kind_of_name() {
    assert_eq!(words("struct PersonId(u8); // no-such-person").concat(), "structpersonidu8nosuchperson");
    for line in ["PersonId", "person_id", "\"no-such-person\"", "/// a person.", "PERSON_URL"] {
        assert!(words(line).contains(&"person".to_owned()), "{line}");
    }
    assert!(!words("healthcheck, personal").iter().any(|word| word == "health" || word == "person"));
}
