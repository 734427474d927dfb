//! The lab as a process: its first run, its next, its help.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::lab_process::Place;
use crate::users::PASSWORD;

#[test]
fn the_first_run_makes_the_data_and_a_key_that_only_its_owner_can_read() {
    let place = Place::new();
    let lab = place.serve();
    for file in ["auth/auth.db", "person/person.db", "health/health.jsonl", "keys/jwt.keys"] {
        assert!(place.path("data").join(file).is_file(), "{file}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(place.path("data/keys/jwt.keys")).expect("the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    lab.stop();
}

#[test]
fn it_prints_the_three_urls_and_a_first_command_that_works() {
    let place = Place::new();
    let lab = place.serve();
    let output = lab.binary.output();
    for address in [lab.services.auth, lab.services.person, lab.services.health] {
        assert!(output.contains(&format!("http://{address}")) && address.port() != 0, "{output}");
    }
    let command =
        output.lines().find(|line| line.trim_start().starts_with("curl ")).expect("a first command");
    let ran = Command::new("/bin/sh").args(["-c", command]).env("NO_PROXY", "*").output().expect("a shell");
    assert!(ran.status.success(), "{command}: {}; is curl installed?", String::from_utf8_lossy(&ran.stderr));
    let answer: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(answer, json!({"username": "ada", "role": "user"}), "{command}");
    let page = output.lines().find(|line| line.ends_with("/docs.")).expect("a page for a browser");
    assert!(page.ends_with(&format!(" http://{}/docs.", lab.services.auth)), "{page}");
    // What it registered can be logged in with, and the README goes on from there.
    let ada = lab.services.log_in("ada");
    assert_eq!(ada.create_person("Ada"), 1);
    lab.stop();
}

#[test]
fn the_next_run_keeps_the_key_and_the_data() {
    let place = Place::new();
    let lab = place.serve();
    let ada = lab.services.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let key = fs::read(place.path("data/keys/jwt.keys")).expect("the key");
    lab.stop();

    let lab = place.serve();
    assert_eq!(fs::read(place.path("data/keys/jwt.keys")).expect("the key"), key);
    let ada = lab.services.with_token(&ada.token);
    assert_eq!(ada.names(), ["Ada"]);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
    lab.stop();
}

#[test]
fn an_administrator_is_made_beside_the_running_lab() {
    let place = Place::new();
    let lab = place.serve();
    lab.services.sign_up("ada").create_person("Ada");
    lab.services.sign_up("root");
    auth::store::grant(&place.path("data/auth/auth.db"), "root", "admin").expect("root is registered");
    assert_eq!(lab.services.log_in("root").names(), ["Ada"]);
    lab.stop();
}

#[test]
fn the_data_can_be_kept_elsewhere_and_the_ports_chosen() {
    let place = Place::new();
    let elsewhere = place.path("some/where");
    let folder = elsewhere.to_str().expect("text");
    let mut binary =
        place.start(&["--data", folder, "--auth-port=0", "--person-port", "0", "--health-port=0"]);
    binary.shows("the lab is ready", |binary| binary.output().contains("/register --json").then_some(()));
    assert!(elsewhere.join("keys/jwt.keys").is_file() && !place.path("data").exists());
}

#[test]
fn it_can_listen_on_every_address_and_prints_one_that_can_be_reached() {
    let place = Place::new();
    let mut binary = place.start(&["--bind=0.0.0.0", "--auth-port=0", "--person-port=0", "--health-port=0"]);
    let output = binary.shows("the lab is ready", |binary| {
        Some(binary.output()).filter(|output| output.contains("/register --json"))
    });
    assert!(!output.contains("0.0.0.0") && output.contains("http://127.0.0.1:"), "{output}");
}

#[test]
fn help_tells_the_folder_the_ports_the_address_and_the_variables() {
    let ended = Place::new().run(&["--help"], &[]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    for word in [
        "--data FOLDER",
        "[data]",
        "--bind",
        "[127.0.0.1]",
        "[5001]",
        "[5002]",
        "[5003]",
        "LOG",
        "LOG_FORMAT",
    ] {
        assert!(ended.out.contains(word), "{word} in {}", ended.out);
    }
    let version = Place::new().run(&["--version"], &[]);
    assert_eq!(
        (version.code, version.out),
        (Some(0), concat!("lab ", env!("CARGO_PKG_VERSION"), "\n").to_owned())
    );
}

#[test]
fn standard_output_has_the_welcome_and_nothing_else() {
    let place = Place::new();
    let mut lab = place.serve();
    let welcome = lab.binary.output();
    lab.services.sign_up("ada").create_measured_person("Ada", &json!({"weight": 70}));
    lab.binary.signal("TERM");
    assert_eq!(lab.binary.ended().code(), Some(0));
    assert_eq!(lab.binary.output().trim_end(), welcome.trim_end());
    // The log is all JSON, and has no secret in it.
    assert!(!lab.log_lines(|line| line["path"] == "/login").is_empty(), "{}", lab.binary.logs());
    for secret in [PASSWORD, "Bearer", "eyJ"] {
        assert!(!lab.binary.logs().contains(secret), "{secret}");
    }
}
