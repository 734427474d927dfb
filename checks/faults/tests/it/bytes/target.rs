//! A service under attack, and the request that an attacker tries to smuggle into it.

use std::net::SocketAddr;
use std::thread;

use faults::services::{Service, auth, health, person};
use testkit::{FakePerson, TestDir, tokens};

/// The trace id of smuggled requests. Each answer has the trace id of its request.
pub(super) const SMUGGLED: &str = "deaddeaddeaddeaddeaddeaddeaddead";

/// A running service, and a `POST` that it answers with 201.
pub(super) struct Target {
    pub(super) service: Service,
    path: &'static str,
    body: &'static str,
}

impl Target {
    fn start(name: &'static str, dir: TestDir, path: &'static str, body: &'static str) -> Self {
        Self { service: Service::start(name, dir), path, body }
    }

    pub(super) fn name(&self) -> &'static str {
        self.service.name
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.service.client.address()
    }

    /// Replaces the placeholders, which differ between the services. `{post}` is the head of the `POST` with a good
    /// token, without the field for the length of its body; `{create}` is a complete request that would be answered
    /// with 201; `{length}` and `{hex}` are its length.
    pub(super) fn fill(&self, bytes: &[u8]) -> Vec<u8> {
        let token = tokens::user("ada");
        let post = format!(
            "POST {} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n",
            self.path
        );
        let trace = format!("traceparent: 00-{SMUGGLED}-00f067aa0ba902b7-01\r\n");
        let create = format!("{post}{trace}Content-Length: {}\r\n\r\n{}", self.body.len(), self.body);
        let length = create.len();
        let values = [
            ("{post}", post),
            ("{length}", length.to_string()),
            ("{hex}", format!("{length:x}")),
            ("{create}", create),
        ];
        values.iter().fold(bytes.to_vec(), |bytes, (name, value)| replace(&bytes, name, value))
    }

    /// Returns how many requests the service has answered with 201.
    pub(super) fn created(&self) -> u64 {
        let metrics = self.service.client.get("/metrics").text();
        let counts = metrics
            .lines()
            .filter(|line| line.starts_with("http_requests_total{") && line.contains("status=\"201\""));
        counts.map(|line| line.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)).sum()
    }
}

/// Runs an attack against each service, all at once.
pub(super) fn against_each(attack: impl Fn(&Target) + Sync) {
    let fake = FakePerson::start();
    let targets = [
        Target::start("auth", auth(), "/register", r#"{"username":"mallory","password":"correct horse"}"#),
        Target::start("person", person(), "/persons", r#"{"name":"Mallory"}"#),
        Target::start("health", health(&fake.url()), "/health/1", r#"{"weight":70}"#),
    ];
    thread::scope(|scope| {
        for target in &targets {
            scope.spawn(|| {
                attack(target);
                let logs = target.service.binary.logs();
                assert!(!logs.contains("panicked"), "{}: {logs}", target.name());
            });
        }
    });
}

fn replace(bytes: &[u8], name: &str, value: &str) -> Vec<u8> {
    let mut filled = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(name.len()).position(|window| window == name.as_bytes()) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(value.as_bytes());
        rest = &rest[at + name.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}
