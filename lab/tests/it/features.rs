//! Every build asks the same features of a third-party crate, so that no crate is compiled twice: see "One set of
//! features" in the workspace's Cargo.toml.

use std::collections::BTreeMap;
use std::process::Command;

use crate::workspace;

/// The builds that users start: `cargo run`, `scripts/start`, `docs/run`, `cargo run -p conformance`, one service.
const BUILDS: [&[&str]; 6] = [
    &["-p", "lab"],
    &["-p", "auth", "-p", "person", "-p", "health"],
    &["-p", "testkit"],
    &["-p", "conformance"],
    &["-p", "person"],
    &["-p", "health"],
];

/// Compiles in a moment, and nothing third-party in `conformance` depends on it. With the features that jwt-simple
/// asks, it would bring `conformance` eight crates.
const EXEMPT: &str = "hmac-sha256 ";

/// Returns the features of each third-party crate that a build compiles.
fn features(build: &[&str], edges: &str) -> BTreeMap<String, String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--prefix", "none", "--format", "{p}|{f}|", "--edges", edges]);
    let ran = command.args(build).current_dir(workspace()).output().expect("cargo");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).expect("text");
    let mut features = BTreeMap::<String, String>::new();
    for line in text.lines().filter(|line| !line.contains(" (/")) {
        let mut parts = line.split('|');
        let (Some(name), Some(of)) = (parts.next(), parts.next()) else { continue };
        // A procedural macro and a crate of the program may use the same crate with different features.
        let all = features.entry(name.to_owned()).or_default();
        if !all.contains(&format!("[{of}]")) {
            all.push_str(&format!("[{of}]"));
        }
    }
    features
}

#[test]
fn every_build_asks_the_same_features_of_a_crate() {
    let tests = features(&["--workspace"], "normal,build,dev");
    assert!(tests.len() > 150, "{tests:?}");
    for build in BUILDS {
        for edges in ["normal,build", "normal,build,dev"] {
            let crates = features(build, edges).into_iter().filter(|(name, _)| !name.starts_with(EXEMPT));
            for (name, asked) in crates {
                let all = &tests[&name];
                assert!(
                    all.contains(&asked),
                    "{build:?} compiles {name} with {asked}, `--workspace` with {all}"
                );
            }
        }
    }
}
