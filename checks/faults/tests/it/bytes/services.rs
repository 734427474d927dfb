//! The three services as they run side by side, and for each the request that an attacker would smuggle.

use faults::{auth, health, person};
use testkit::{Binary, Client, FakePerson, Place, tokens};

/// A trace that only smuggled requests carry; each answer names the trace of its request.
pub(super) const SMUGGLED: &str = "deaddeaddeaddeaddeaddeaddeaddead";

/// One of them, and what to send to it.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) client: Client,
    path: &'static str,
    body: &'static str,
    binary: Binary,
    _place: Place,
}

impl Service {
    fn start(name: &'static str, place: Place, path: &'static str, body: &'static str) -> Self {
        let mut binary = place.serve();
        Self { name, client: binary.client(), path, body, binary, _place: place }
    }

    /// Puts in what differs from one service to the next: `{post}` is the head of its `POST` with a good token,
    /// without a line on the body's length; `{create}` a whole request that it answers with 201 and that nobody
    /// sent, `{length}` and `{hex}` its length.
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

    /// How many requests it answered with 201.
    pub(super) fn created(&self) -> u64 {
        let metrics = self.client.get("/metrics").text();
        let counts = metrics
            .lines()
            .filter(|line| line.starts_with("http_requests_total{") && line.contains("status=\"201\""));
        counts
            .map(|line| line.rsplit(' ').next().and_then(|count| count.parse::<u64>().ok()).expect("a count"))
            .sum()
    }

    /// What it logged.
    pub(super) fn logs(&self) -> String {
        self.binary.logs()
    }
}

/// Runs the same attack against each service, all at once.
pub(super) fn against_each(attack: impl Fn(&Service) + Sync) {
    let fake = FakePerson::start();
    let services = [
        Service::start("auth", auth(), "/register", r#"{"username":"mallory","password":"correct horse"}"#),
        Service::start("person", person(), "/persons", r#"{"name":"Mallory"}"#),
        Service::start("health", health(&fake.url()), "/health/1", r#"{"weight":70}"#),
    ];
    std::thread::scope(|scope| {
        for service in &services {
            scope.spawn(|| {
                attack(service);
                assert!(!service.logs().contains("panicked"), "{}: {}", service.name, service.logs());
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
