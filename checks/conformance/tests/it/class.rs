//! `conformance class FOLDER`: versions in processes of their own.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::bad_lab::{BadLab, Dialect, free_port, own_address};

/// The addresses of the services, for the processes that [`serves_a_version`] runs in.
const ADDRESSES: &str = "CONFORMANCE_TEST_ADDRESSES";
const MISTAKE: &str = "CONFORMANCE_TEST_MISTAKE";

/// Serves a version for the scripts of the other test. Does nothing in a usual run of the tests.
#[test]
fn serves_a_version() {
    let Ok(addresses) = env::var(ADDRESSES) else { return };
    let addresses: Vec<SocketAddr> = addresses.split(',').map(|it| it.parse().unwrap()).collect();
    let mistake = env::var(MISTAKE).ok().map(|mistake| &*mistake.leak());
    let _lab = BadLab::start_at(addresses.try_into().unwrap(), mistake, false, Dialect::default());
    loop {
        thread::park();
    }
}

fn add_version(class: &Path, name: &str, start: &str) {
    let folder = class.join(name);
    fs::create_dir(&folder).expect("a writable folder");
    let script = folder.join("start");
    fs::write(&script, format!("#!/bin/sh\n{start}\n")).expect("a writable folder");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("a writable folder");
}

#[test]
fn class_goes_on_after_versions_that_fail() {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    fs::create_dir(&class).unwrap();
    let address = own_address();
    let addresses = [(); 3].map(|()| free_port(address));
    let all = addresses.map(|address| address.to_string()).join(",");
    let serve = format!("{} --exact class::serves_a_version", env::current_exe().unwrap().display());
    let pid = folder.path().join("pid");
    add_version(&class, "a-good", &format!("{ADDRESSES}={all} exec {serve}"));
    add_version(&class, "b-broken", "echo 'ModuleNotFoundError: flask' >&2; exit 1");
    add_version(&class, "c-open", &format!("{ADDRESSES}={all} {MISTAKE}='person lets anybody in' {serve}"));
    // A process that hides from the checker, and keeps the ports.
    let hidden = format!("env -i {ADDRESSES}={all} {serve} & echo $! >{}; wait", pid.display());
    add_version(&class, "d-stays", &hidden);
    add_version(&class, "e-after", &format!("{ADDRESSES}={all} exec {serve}"));
    let [person, health, auth] = addresses.map(|address| address.to_string());
    let ran = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .arg("class")
        .arg(&class)
        .args(["--person", &person, "--health", &health, "--auth", &auth, "--only", "auth,person"])
        .output()
        .unwrap();
    let stays = fs::read_to_string(&pid).unwrap();
    let kill = format!("kill {}", stays.trim());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    assert_eq!(ran.status.code(), Some(0));
    let table = fs::read_to_string(class.join("reports/table.csv")).unwrap();
    assert_eq!(
        String::from_utf8(ran.stdout).unwrap(),
        fs::read_to_string(class.join("reports/table.txt")).unwrap()
    );
    let line = |name: &str| {
        let start = format!("\"{name}\",");
        table
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{name}: {table}"))
            .to_owned()
    };
    let required = line("a-good").split(',').nth(1).unwrap().trim_matches('"').to_owned();
    let (passed, all) = required.split_once('/').unwrap();
    // Only the restart of person is not run.
    assert_eq!(passed.parse::<u32>().unwrap() + 1, all.parse::<u32>().unwrap(), "{table}");
    assert!(
        line("b-broken").contains("it did not start: start failed: ModuleNotFoundError: flask"),
        "{table}"
    );
    assert!(line("c-open").contains("person: no token is needed: anybody reads and writes"), "{table}");
    assert!(line("d-stays").ends_with(&format!("http://{person} is in use\"")), "{table}");
    assert!(line("e-after").contains(&format!("http://{person} is in use (left by d-stays)")), "{table}");
    let report = fs::read_to_string(class.join("reports/c-open.md")).unwrap();
    assert!(report.contains("1. **required**: person: no token is needed"), "{report}");
}
