//! Attacks on what the services promise: that nothing acknowledged is lost, that nobody gets in without a token, and
//! that a service answers whatever is sent to it and whatever becomes of the one behind it.
//!
//! Here is what the attacks share; they are in `tests/it`, one file a kind, and docs/reliability.md says what
//! came of them. They run the binaries that users run. `FAULTS_SCALE=20` does of everything twenty times as much.

mod dice;
mod keep_alive;
pub mod trio;

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use testkit::Place;

pub use dice::Dice;
pub use keep_alive::KeepAlive;

/// The binary of a service, built as the tests are.
///
/// # Panics
/// If it cannot be built.
pub fn exe(service: &str) -> String {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    // This test stands in `target/debug/deps`, the binaries one folder up.
    let folder = BUILT.get_or_init(|| {
        let test = env::current_exe().expect("a test is a file");
        let folder = test.ancestors().nth(2).expect("it stands in target/debug/deps").to_owned();
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "-p", "auth", "-p", "person", "-p", "health"]);
        build.arg("--target-dir").arg(folder.parent().expect("target"));
        if folder.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo").success(), "the services cannot be built");
        folder
    });
    folder.join(service).to_str().expect("text").to_owned()
}

/// A place for person.
pub fn person() -> Place {
    Place::new(&exe("person"), "PERSON_LISTEN", "PERSON_DB")
}

/// A place for auth.
pub fn auth() -> Place {
    Place::new(&exe("auth"), "AUTH_LISTEN", "AUTH_DB")
}

/// A place for health, which asks a person service at this URL.
pub fn health(person_url: &str) -> Place {
    Place::new(&exe("health"), "HEALTH_LISTEN", "HEALTH_FILE").with("PERSON_URL", person_url)
}

/// How often to do something that is done `once` by default: `FAULTS_SCALE` times as often.
///
/// # Panics
/// If `FAULTS_SCALE` is no number.
pub fn scaled(once: usize) -> usize {
    let scale = env::var("FAULTS_SCALE").map_or(1, |scale| scale.parse().expect("FAULTS_SCALE is a number"));
    once * scale
}

/// Says what came of an attack, for docs/reliability.md: shown with `--nocapture`.
pub fn report(fault: &str, tried: &str, came: &str) {
    println!("| {fault} | {tried} | {came} |");
}
