//! `docker compose up --build --wait` in a new clone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::stack::{SERVICES, Stack};

/// Returns all files in a folder and its subfolders.
fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { [path.display().to_string()].into() })
        .collect()
}

#[test]
fn new_clone_starts_healthy_without_a_warning() {
    let stack = Stack::cloned();
    let before = files(&stack.path(""));
    let printed = stack.compose(&["up", "--build", "--wait"]);
    for word in ["warn", "obsolete", "deprecated"] {
        let said = [&printed.out, &printed.err].map(|text| text.to_lowercase());
        assert!(said.iter().all(|text| !text.contains(word)), "{}\n{}", printed.out, printed.err);
    }
    for service in SERVICES {
        let state = &stack.inspect(service)["State"];
        assert_eq!((&state["Status"], &state["Health"]["Status"]), (&"running".into(), &"healthy".into()));
    }
    let keys = &stack.inspect("keys")["State"];
    assert_eq!((&keys["Status"], &keys["ExitCode"]), (&"exited".into(), &Value::from(0)));
    assert_eq!(files(&stack.path("")), before);
}

#[test]
fn service_without_a_key_file_does_not_start() {
    let stack = Stack::built();
    let arguments = ["run", "--rm", "--no-deps", "--env", "JWT_KEYS_FILE=/keys/none", "person"];
    let (code, said) = stack.refused(&arguments);
    assert!(code == Some(78) && said.contains("JWT_KEYS_FILE=/keys/none: cannot read"), "{code:?} {said}");
}
