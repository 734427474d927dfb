//! Starts the contenders: the services, the bare servers as a baseline, and the lab in Flask and in axum.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use testkit::{Client, tokens, write_private};

use crate::process::{Process, free_port, program};

/// The answers to `GET` of a person and of a record. The bare servers send the same.
pub(crate) const PERSON: &str = r#"{"id":1,"name":"Ada Lovelace","owner":"ada"}"#;
pub(crate) const RECORD: &str = r#"{"weight":57.5,"blood_pressure":{"systolic":118,"diastolic":76}}"#;

/// The JWT secret of the other labs.
const SECRET: &str = "the other labs keep their secret in the environment";

/// Starts person with its store in this folder. Also returns the time until it was ready.
pub(crate) fn person(folder: &Path) -> (Process, Duration) {
    prepare_person(&folder.join("person.db").to_string_lossy(), folder).start()
}

/// Prepares person with the store at this location.
pub(crate) fn prepare_person(store: &str, folder: &Path) -> Prepared {
    let limit = ("PERSON_LIMIT", "1000000000");
    service("person", "PERSON_LISTEN", folder, &[("PERSON_DB", store), limit])
}

/// Starts health with its store in this folder, calling this person service.
pub(crate) fn health(folder: &Path, person: &Process) -> (Process, Duration) {
    prepare_health(folder, person).start()
}

/// Prepares health as [`health`] starts it.
pub(crate) fn prepare_health(folder: &Path, person: &Process) -> Prepared {
    let url = format!("http://{}", person.address);
    let file = folder.join("health.jsonl");
    service(
        "health",
        "HEALTH_LISTEN",
        folder,
        &[("HEALTH_FILE", &file.to_string_lossy()), ("PERSON_URL", &url)],
    )
}

/// Starts auth with its store in this folder.
pub(crate) fn auth(folder: &Path) -> (Process, Duration) {
    let file = folder.join("auth.db");
    service("auth", "AUTH_LISTEN", folder, &[("AUTH_DB", &file.to_string_lossy())]).start()
}

/// A service that has not been started.
pub(crate) struct Prepared {
    pub(crate) command: Command,
    pub(crate) port: u16,
}

impl Prepared {
    pub(crate) fn start(self) -> (Process, Duration) {
        Process::start(self.command, self.port, "/readyz")
    }
}

fn service(name: &str, listen: &str, folder: &Path, variables: &[(&str, &str)]) -> Prepared {
    let keys = folder.join("keys");
    write_private(&keys, tokens::KEY_FILE);
    let port = free_port();
    let mut command = program(name);
    command.env(listen, format!("127.0.0.1:{port}")).env("JWT_KEYS_FILE", keys);
    command.envs(variables.iter().copied());
    Prepared { command, port }
}

/// Starts a bare server that answers with this body. With an upstream, it calls that first.
pub(crate) fn bare_server(body: &str, upstream: Option<&Process>) -> Process {
    let port = free_port();
    let mut command = program("bare_server");
    command.args([&format!("127.0.0.1:{port}"), body]);
    command.args(upstream.map(|upstream| format!("http://{}/", upstream.address)));
    Process::start(command, port, "/").0
}

/// Starts person and health in Flask, as its documentation recommends for production: gunicorn, two workers, four
/// threads each.
pub(crate) fn flask(folder: &Path) -> [Process; 2] {
    other_lab(folder, "flask", |service, port| {
        let mut command = Command::new("target/bench-flask/bin/gunicorn");
        command.args(["--workers", "2", "--threads", "4", "--bind", &format!("127.0.0.1:{port}")]);
        command.args(["--chdir", "checks/bench/flask", &format!("{service}:app")]);
        command
    })
}

/// Starts person and health in axum.
pub(crate) fn axum(folder: &Path) -> [Process; 2] {
    other_lab(folder, "axum", |service, port| {
        let mut command = Command::new(format!("target/bench-axum/release/{service}"));
        command.env("LISTEN", format!("127.0.0.1:{port}"));
        command
    })
}

/// Starts person and health of another lab, given the command of a service and its port.
fn other_lab(folder: &Path, name: &str, command: impl Fn(&str, u16) -> Command) -> [Process; 2] {
    let start = |service, path, variables: &[(&str, &str)]| {
        let port = free_port();
        let mut command = command(service, port);
        command.env("JWT_SECRET", SECRET).envs(variables.iter().copied());
        Process::start(command, port, path).0
    };
    let file = |ending| folder.join(format!("{name}.{ending}")).to_string_lossy().into_owned();
    let person = start("person", "/persons/1", &[("PERSON_DB", &file("db"))]);
    let url = format!("http://{}", person.address);
    let health = start("health", "/health/1", &[("HEALTH_FILE", &file("json")), ("PERSON_URL", &url)]);
    [person, health]
}

/// Returns a token for the services. It lives fifteen minutes, longer than a run.
pub(crate) fn token() -> String {
    tokens::user("ada")
}

/// Returns a token for the other labs.
pub(crate) fn other_token() -> String {
    let claims = json!({"sub": "ada", "iat": tokens::now(), "exp": tokens::now() + 900});
    tokens::forge(&json!({"alg": "HS256", "typ": "JWT"}), &claims, SECRET.as_bytes())
}

/// Creates the first person and checks that it can be read.
pub(crate) fn add_first_person(person: &Process, token: &str) {
    let client = Client::new(person.address).with_token(token);
    let _ = client.post("/persons", &json!({"name": "Ada Lovelace"})).expect(201);
    assert_eq!(
        client.get("/persons/1").expect(200).json(),
        serde_json::from_str::<serde_json::Value>(PERSON).expect("JSON")
    );
}

/// Creates the first record and checks that it can be read and replaced.
pub(crate) fn add_first_record(health: &Process, token: &str) {
    let client = Client::new(health.address).with_token(token);
    let record: serde_json::Value = serde_json::from_str(RECORD).expect("JSON");
    let _ = client.post("/health/1", &record).expect(201);
    assert_eq!(client.put("/health/1", &record).expect(200).json(), record);
    assert_eq!(client.get("/health/1").expect(200).json(), record);
}
