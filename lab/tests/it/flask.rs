//! The commands of the practical print what its pages show: the skeleton fails the first check of each task, the
//! solutions pass all checks of theirs, mistakes are found, and services in two languages work together. `./start` says
//! why it starts nothing.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use tempfile::TempDir;
use testkit::console::Mark;

use crate::docs_run::expect_success;
use crate::practical::{ENGLISH, FRENCH, TEACHER};
use crate::workspace;

#[test]
fn practical_prints_what_the_page_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", ENGLISH]);
}

#[test]
fn practical_in_french_prints_what_the_page_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", FRENCH]);
}

#[test]
fn each_mistake_is_found_as_the_page_for_teachers_shows() {
    expect_success(Mark::RunWithFlask, &["--flask", TEACHER]);
}

/// Runs `./start person` with this `person.py` and returns its exit code and its messages. Nothing listens at the port
/// unless the caller does.
fn start(person: &str, port: u16) -> (Option<i32>, String) {
    let folder = TempDir::new().expect("a folder");
    for script in ["start", "stop"] {
        let skeleton = workspace().join("docs/fr/squelette").join(script);
        fs::copy(skeleton, folder.path().join(script)).expect("a copy");
    }
    fs::write(folder.path().join("person.py"), person).expect("a file");
    let mut command = Command::new(folder.path().join("start"));
    let ran = command.arg("person").env("PERSON_LISTEN", format!("127.0.0.1:{port}")).output();
    let ran = ran.expect("a script");
    assert!(ran.stdout.is_empty(), "{}", String::from_utf8_lossy(&ran.stdout));
    assert!(!folder.path().join("person.pid").exists());
    (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

#[test]
fn start_refuses_a_port_that_another_program_has() {
    let (_other, port) = listener();
    let (code, message) = start("raise SystemExit('not reached')", port);
    assert_eq!(code, Some(1), "{message}");
    assert!(message.starts_with(&format!("Le port {port} est pris")), "{message}");
    for cure in ["Ctrl-C", "scripts/stop", "docker compose down"] {
        assert!(message.contains(cure), "{message}");
    }
}

#[test]
fn start_shows_the_line_of_a_python_error() {
    let port = listener().1;
    let (code, message) = start("print('before')\ndef create()\n", port);
    assert_eq!(code, Some(1), "{message}");
    for part in ["person.log", "person.py\", line 2", "def create()", "SyntaxError"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("activate"), "{message}");
}

#[test]
fn start_without_flask_names_the_virtual_environment() {
    let port = listener().1;
    let (code, message) = start("raise ModuleNotFoundError(\"No module named 'flask'\")\n", port);
    assert_eq!(code, Some(1), "{message}");
    for part in ["'flask'", ". .venv/bin/activate", "pip install"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}
