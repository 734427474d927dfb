//! What the shell scripts do on a machine that lacks a program. `pages` runs them on one that has all.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::workspace;

/// A machine with a shell, these programs of any Unix, and nothing else.
const BASIC: [&str; 6] = ["cat", "dirname", "grep", "head", "sed", "uname"];

struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("a folder"));
        for name in BASIC {
            let found = ["/bin", "/usr/bin"]
                .map(|folder| Path::new(folder).join(name))
                .into_iter()
                .find(|file| file.exists());
            symlink(
                found.unwrap_or_else(|| panic!("this system has no {name}")),
                machine.0.path().join(name),
            )
            .expect("a link");
        }
        machine
    }

    /// A machine that can start the lab with Rust.
    fn for_the_lab() -> Self {
        let machine = Self::new();
        for (name, prints) in [
            ("curl", "curl 8.5.0 (x86_64)"),
            ("jq", ""),
            ("cargo", "cargo 1.95.0 (f2d3ce0bd 2026-03-21)"),
            ("cc", ""),
        ] {
            machine.install(name, prints);
        }
        machine
    }

    /// Installs a program that prints this text.
    fn install(&self, name: &str, prints: &str) {
        let file = self.0.path().join(name);
        fs::write(&file, format!("#!/bin/sh\necho '{prints}'\n")).expect("the folder is ours");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("the file is ours");
    }

    /// Runs a script, and returns its exit code and its output.
    fn run(&self, script: &Path, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new("/bin/sh");
        command.arg(script).args(arguments).env("PATH", self.0.path()).current_dir(self.0.path());
        let ran = command.output().expect("a shell");
        let text = [ran.stdout, ran.stderr].map(|text| String::from_utf8(text).expect("text")).concat();
        (ran.status.code(), text)
    }

    fn doctor(&self, arguments: &[&str]) -> (Option<i32>, String) {
        self.run(&workspace().join("scripts/doctor"), arguments)
    }
}

fn scripts() -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace().join("scripts")).expect("scripts/");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let scripts = files.filter(|file| !file.ends_with("lab.sh") && !file.ends_with("doctor"));
    scripts.chain([workspace().join("docs/run")]).collect()
}

#[test]
fn script_without_a_program_says_how_to_install_it() {
    let machine = Machine::new();
    let scripts = scripts();
    assert!(scripts.len() > 9, "{scripts:?}");
    for script in scripts {
        let (code, output) = machine.run(&script, &["1", "2"]);
        assert_eq!(code, Some(69), "{}: {output}", script.display());
        let lines: Vec<&str> = output.lines().collect();
        assert!(lines[0].ends_with(" is missing. To install it:"), "{}: {output}", script.display());
        assert!(
            lines[lines.len() - 1].starts_with("`scripts/doctor` checks"),
            "{}: {output}",
            script.display()
        );
    }
    assert!(!machine.0.path().join("data").exists());
}

#[test]
fn script_without_curl_does_nothing_else() {
    let machine = Machine::new();
    for name in ["jq", "cargo", "cc"] {
        machine.install(name, "");
    }
    for script in scripts() {
        if ["auth", "claims", "forge", "mint"].iter().any(|name| script.ends_with(name)) {
            // These do without it.
            continue;
        }
        let (code, output) = machine.run(&script, &["1", "2"]);
        assert_eq!(code, Some(69), "{}: {output}", script.display());
        assert!(output.starts_with("curl is missing. To install it:\n"), "{}: {output}", script.display());
    }
}

#[test]
fn doctor_names_every_missing_program() {
    let (code, output) = Machine::new().doctor(&[]);
    assert_eq!(code, Some(1), "{output}");
    for name in ["curl", "jq", "cargo", "a C compiler", "docker"] {
        assert!(output.contains(&format!("missing  {name}, for ")), "{name}: {output}");
    }
    assert!(output.ends_with("install either Docker with Compose, or Rust with a C compiler.\n"), "{output}");
}

#[test]
fn doctor_names_what_the_machine_can_start() {
    let machine = Machine::for_the_lab();
    let (_, output) = machine.doctor(&[]);
    assert!(
        output.starts_with("ok       curl 8.5.0\nok       jq\nok       Rust 1.95.0\nok       C compiler\n"),
        "{output}"
    );
    assert!(output.ends_with("\nStart the lab with `cargo run`.\n"), "{output}");
    machine.install("docker", "2.29.1");
    let (_, output) = machine.doctor(&[]);
    assert!(output.contains("\nok       Docker with Compose 2.29.1\n"), "{output}");
    assert_eq!(machine.doctor(&["--require", "curl", "docker"]), (Some(0), String::new()));
}

#[test]
fn doctor_refuses_old_versions() {
    let (start, install) = ("Start the lab with `cargo run`.\n", "or Rust with a C compiler.\n");
    for (name, prints, line, end) in [
        ("curl", "curl 7.75.0 (x86_64)", "too old  curl 7.75.0; ", start),
        ("curl", "curl 7.81.0 (x86_64)", "note     curl 7.81.0 has no --json", start),
        ("cargo", "cargo 1.94.1", "too old  Rust 1.94.1; the lab needs 1.95\n", install),
        ("cargo", "cargo 2.0.0-nightly", "ok       Rust 2.0.0\n", start),
    ] {
        let machine = Machine::for_the_lab();
        machine.install(name, prints);
        let (code, output) = machine.doctor(&[]);
        assert!(output.contains(line) && output.ends_with(end), "{line}: {output}");
        // A port that another lab has taken is an error too.
        assert!(code == Some(1) || !line.starts_with("too old"), "{code:?}: {output}");
    }
}
