//! Rebuilding after a change.

use std::collections::BTreeSet;
use std::fs;

use super::stack::Stack;

/// Returns the crates that a build compiled, with repetitions.
fn compiled(log: &str) -> Vec<String> {
    let lines = log.lines().filter_map(|line| line.split_once("   Compiling "));
    lines.map(|(_, names)| names.split(' ').next().expect("a name").to_owned()).collect()
}

#[test]
fn change_recompiles_our_crates_once_for_all_images() {
    let stack = Stack::up();
    let ada = stack.services().sign_up("ada");
    let id = ada.create_person("Ada");

    let changed = stack.path("person/src/lib.rs");
    let source = fs::read_to_string(&changed).expect("a source file");
    // A different change each time, because Docker caches builds.
    let version = format!("env!(\"CARGO_PKG_VERSION\"), \"+{}\"", stack.path("").display());
    let changed_source = source.replace("env!(\"CARGO_PKG_VERSION\")", &format!("concat!({version})"));
    assert_ne!(source, changed_source);
    fs::write(&changed, changed_source).expect("a file of the checkout");

    let built = stack.compose(&["--progress", "plain", "build"]);
    let compiled = compiled(&(built.out + &built.err));
    let ours: BTreeSet<_> =
        ["auth", "chassis", "daemon", "health", "journal", "person", "sqlite", "storage", "token"]
            .map(str::to_owned)
            .into();
    assert_eq!(compiled.len(), ours.len(), "{compiled:?}");
    assert_eq!(compiled.into_iter().collect::<BTreeSet<_>>(), ours);

    // The new version keeps the data of the old one.
    stack.compose(&["up", "--wait"]);
    let answer = ada.person.get("/").expect(200).json();
    assert!(answer["version"].as_str().is_some_and(|version| version.contains('+')), "{answer}");
    let _ = ada.person.get(&format!("/persons/{id}")).expect(200);
}
