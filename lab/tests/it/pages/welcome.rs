//! The command that the lab prints at its start works.

use std::process::Command;

use serde_json::{Value, json};

use crate::lab_process::LabDir;

#[test]
fn welcome_has_a_command_that_works() {
    let dir = LabDir::new();
    let lab = dir.serve();
    let output = lab.binary.output();
    let command = output.lines().find(|line| line.trim_start().starts_with("curl ")).expect("a command");
    let ran = Command::new("/bin/sh").args(["-c", command]).env("NO_PROXY", "*").output().expect("a shell");
    assert!(ran.status.success(), "{command}: {}; is curl installed?", String::from_utf8_lossy(&ran.stderr));
    let answer: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(answer, json!({"username": "ada", "role": "user"}), "{command}");
    // The README goes on with the user that the command registered.
    let ada = lab.services.log_in("ada");
    assert_eq!(ada.create_person("Ada"), 1);
    lab.stop();
}
