//! The lab as a process: its first and its second run, its output, its options.

use std::fs;

use serde_json::json;
use testkit::Client;

use crate::lab_process::{FREE_PORTS, LabDir};
use crate::users::PASSWORD;

#[test]
fn first_run_creates_the_stores_and_a_private_key() {
    let dir = LabDir::new();
    let lab = dir.serve();
    for file in ["auth/auth.db", "person/person.db", "health/health.jsonl", "keys/jwt.keys"] {
        assert!(dir.path("data").join(file).is_file(), "{file}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(dir.path("data/keys/jwt.keys")).expect("the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    lab.stop();
}

#[test]
fn welcome_has_the_urls_of_the_services_and_pages() {
    let dir = LabDir::new();
    let lab = dir.serve();
    let output = lab.binary.output();
    for address in [lab.services.auth, lab.services.person, lab.services.health] {
        assert!(output.contains(&format!("http://{address}")) && address.port() != 0, "{output}");
    }
    let page = output.lines().find(|line| line.ends_with("/docs.")).expect("the URL of a page");
    assert!(page.ends_with(&format!(" http://{}/docs.", lab.services.auth)), "{page}");
    // In a browser each service links to all three.
    for service in [lab.services.auth, lab.services.person, lab.services.health] {
        let page =
            Client::new(service).call("GET", "/").header("accept", "text/html").send().expect(200).text();
        for other in [lab.services.auth, lab.services.person, lab.services.health] {
            assert!(page.contains(&format!("<a href=\"http://{other}/\">")), "{other} in {page}");
        }
    }
    lab.stop();
}

#[test]
fn second_run_keeps_the_key_and_the_data() {
    let dir = LabDir::new();
    let lab = dir.serve();
    let ada = lab.services.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let key = fs::read(dir.path("data/keys/jwt.keys")).expect("the key");
    lab.stop();

    let lab = dir.serve();
    assert_eq!(fs::read(dir.path("data/keys/jwt.keys")).expect("the key"), key);
    let ada = lab.services.with_token(&ada.token);
    assert_eq!(ada.auth.get("/me").expect(200).json()["username"], "ada");
    assert_eq!(ada.names(), ["Ada"]);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
    assert_eq!(lab.services.log_in("ada").names(), ["Ada"]);
    lab.stop();
}

#[test]
fn data_folder_and_ports_can_be_chosen() {
    let dir = LabDir::new();
    let folder = dir.path("some/where");
    let folder = folder.to_str().expect("text");
    dir.serve_with(&["--data", folder, "--auth-port=0", "--person-port", "0", "--health-port=0"]).stop();
    assert!(dir.path("some/where/keys/jwt.keys").is_file() && !dir.path("data").exists());
}

#[test]
fn lab_on_every_address_prints_a_reachable_one() {
    let dir = LabDir::new();
    let lab = dir.serve_with(&[&["--bind=0.0.0.0"], &FREE_PORTS[..]].concat());
    let output = lab.binary.output();
    assert!(!output.contains("0.0.0.0") && output.contains("http://127.0.0.1:"), "{output}");
    lab.services.sign_up("ada").create_measured_person("Ada", &json!({"weight": 70}));
}

#[test]
fn lab_passes_allowed_origins_on_to_the_services() {
    let ended = LabDir::new().run(&FREE_PORTS, &[("ALLOWED_ORIGINS", "http://localhost:8080/")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("`http://localhost:8080/` is not an origin"), "{}", ended.err);
}

#[test]
fn help_has_every_option_with_its_default() {
    let ended = LabDir::new().run(&["--help"], &[]);
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    for words in [
        "--data FOLDER",
        "[data]",
        "--bind",
        "[127.0.0.1]",
        "[5001]",
        "[5002]",
        "[5003]",
        "ALLOWED_ORIGINS",
        "LIVE",
        "LOG",
        "LOG_FORMAT",
    ] {
        assert!(ended.out.contains(words), "{words} in {}", ended.out);
    }
    let version = LabDir::new().run(&["--version"], &[]);
    let expected = concat!("lab ", env!("CARGO_PKG_VERSION"), "\n").to_owned();
    assert_eq!((version.code, version.out), (Some(0), expected));
}

#[test]
fn standard_output_has_the_welcome_only() {
    let dir = LabDir::new();
    let mut lab = dir.serve();
    let welcome = lab.binary.output();
    lab.services.sign_up("ada").create_measured_person("Ada", &json!({"weight": 70}));
    lab.binary.signal("TERM");
    assert_eq!(lab.binary.ended().code(), Some(0));
    assert_eq!(lab.binary.output().trim_end(), welcome.trim_end());
    // Every line of the log is JSON, and none has a secret.
    assert!(!lab.log_lines(|line| line["path"] == "/login").is_empty(), "{}", lab.binary.logs());
    for secret in [PASSWORD, "Bearer", "eyJ"] {
        assert!(!lab.binary.logs().contains(secret), "{secret}");
    }
}
