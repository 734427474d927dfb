//! The logs of all three services at `LOG=trace` hold no secret, whatever requests come and whatever fails.

use faults::report;
use faults::services::{self, Service, Services};
use serde_json::{Value, json};
use testkit::{Client, FakePerson, Response, TestDir, Wire, tokens};

use super::markers::{Marker, found};

const PASSWORD: &str = "Marker pass Quetzalcoatl 71";
const WRONG: &str = "Marker wrong Xiuhtecuhtli 72";
const NAME: &str = "Marker Name Huitzilopochtli";
const STRAY: &str = "Marker Stray Tezcatlipoca";
/// A weight and a height that no timestamp, port or duration contains by chance.
const WEIGHT: f64 = 83.428_657_13;
const HEIGHT: f64 = 171.313_376_41;

#[test]
fn no_log_contains_a_secret() {
    let trace = |dir: TestDir| dir.with("LOG", "trace").with("LOG_FORMAT", "json");
    let mut services = Services::start(trace);
    let fake = FakePerson::start();
    let misled = Service::start("health with a wrong person service", trace(services::health(&fake.url())));

    let token = session(&services);
    wrong_bodies(&services, &token);
    wrong_requests(&services, &token);
    wrong_tokens(&services);
    wrong_person(&fake, &misled.client.with_token(&token));
    services.person.binary.signal("TERM");
    assert!(services.person.binary.ended().success());
    let health = services.health.client.with_token(&token);
    health.put("/health/1", &json!({"weight": WEIGHT})).expect_problem(503, "person-unreachable");

    let markers = markers(&token);
    let (mut lines, mut leaks) = (0, Vec::new());
    let Services { auth, person, health } = services;
    for mut service in [auth, person, health, misled] {
        let name = service.name;
        if name != "person" {
            service.binary.signal("TERM");
            assert!(service.binary.ended().success(), "{name}");
        }
        let log = service.binary.logs() + &service.binary.output();
        // The log has the requested level, and no line was dropped.
        assert!(log.contains("\"answered\"") && log.contains("\"level\":\"DEBUG\""), "{name}: {log}");
        assert!(!log.contains("were dropped"), "{name}");
        for line in log.lines() {
            lines += 1;
            leaks.extend(found(line, &markers).into_iter().map(|what| format!("{name}: {what}: {line}")));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let tried = format!("{} secrets in 14 encodings, searched in {lines} lines", markers.len());
    report("secrets in the logs of three services at LOG=trace", &tried, "0 found");
}

fn markers(token: &str) -> Vec<Marker> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let (_, key) = tokens::KEY_FILE.trim().split_once(':').expect("a key line");
    let hex = tokens::secret().iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        ("a password", PASSWORD.to_owned()),
        ("a wrong password", WRONG.to_owned()),
        ("a name", NAME.to_owned()),
        ("a misplaced value", STRAY.to_owned()),
        ("a weight", WEIGHT.to_string()),
        ("a height", HEIGHT.to_string()),
        ("a key", key.to_owned()),
        ("a key in hexadecimal", hex),
        ("the header of a token", header.to_owned()),
        ("the claims of a token", claims.to_owned()),
        ("the signature of a token", signature.to_owned()),
    ]
}

/// Sends requests that succeed, and returns the token.
fn session(services: &Services) -> String {
    let auth = &services.auth.client;
    let account = json!({"username": "ada", "password": PASSWORD});
    let _ = auth.post("/register", &account).expect(201);
    let _ = auth.post("/register", &account).expect(409);
    let login = auth.post("/login", &account).expect(200).json();
    let token = login["access_token"].as_str().expect("a token").to_owned();
    let _ = auth.with_token(&token).get("/me").expect(200);
    let person = services.person.client.with_token(&token);
    let _ = person.post("/persons", &json!({"name": NAME})).expect(201);
    let _ = person.put("/persons/1", &json!({"name": NAME})).expect(200);
    let _ = person.get("/persons").expect(200);
    let health = services.health.client.with_token(&token);
    let record = json!({"weight": WEIGHT, "height": HEIGHT});
    let _ = health.post("/health/1", &record).expect(201);
    let _ = health.put("/health/1", &record).expect(200);
    let _ = health.patch("/health/1", &json!({"weight": WEIGHT})).expect(200);
    let _ = health.get("/health/1").expect(200);
    token
}

/// Sends bodies that are refused, each with a secret.
fn wrong_bodies(services: &Services, token: &str) {
    let Services { auth, person, health } = services;
    for name in ["ada", "nobody", STRAY, PASSWORD] {
        let _ = auth.client.post("/login", &json!({"username": name, "password": WRONG})).expect(401);
    }
    for (service, method, path) in [
        (auth, "POST", "/register"),
        (auth, "POST", "/login"),
        (person, "POST", "/persons"),
        (person, "PUT", "/persons/1"),
        (health, "PUT", "/health/1"),
        (health, "PATCH", "/health/1"),
    ] {
        let client = if service.name == "auth" { &service.client } else { &service.client.with_token(token) };
        for body in objects() {
            let _ = client.call(method, path).json(&body).send().expect(422);
        }
        let typed = || client.call(method, path).header("Content-Type", "application/json");
        for body in [
            format!("\"{STRAY}\""),
            format!("{{\"name\": \"{NAME}\""),
            format!("{{\"password\": {PASSWORD}}}"),
            format!("{{\"weight\": {WEIGHT}.{HEIGHT}}}"),
            format!("{{\"{STRAY}\": tru}}"),
            format!("{{\"name\": \"{NAME}\n\"}}"),
            format!("[\"{PASSWORD}\"]"),
            format!("\u{feff}{{\"name\": \"{NAME}\"}}"),
            format!("password={PASSWORD}&name={NAME}"),
        ] {
            let _ = typed().body(body).send().expect(400);
        }
        let twice = format!("{{\"{STRAY}\":\"{NAME}\",\"{STRAY}\":\"{PASSWORD}\"}}");
        let _ = typed().body(twice).send().expect(422);
        let _ = typed().chunked(NAME.repeat(3000)).send().expect(413);
        let _ = client.call(method, path).header("Content-Type", STRAY).body(NAME).send().expect(415);
    }
}

/// Returns objects that every route refuses.
fn objects() -> [Value; 10] {
    [
        json!({STRAY: 1}),
        json!({"username": STRAY, "password": {"value": PASSWORD}}),
        json!({"username": [PASSWORD], "password": PASSWORD}),
        json!({"username": "ada", "password": PASSWORD, "name": NAME, "weight": WEIGHT}),
        json!({"name": format!("{NAME}\u{7}"), "x": 1}),
        json!({"name": NAME.repeat(20), "x": 1}),
        json!({"name": NAME, "id": WEIGHT}),
        json!({"weight": STRAY, "height": NAME}),
        json!({"weight": WEIGHT * 1000.0, "height": HEIGHT / 100.0, "poids": WEIGHT}),
        json!({"weight": WEIGHT, "heart_rate": HEIGHT, "blood_pressure": STRAY}),
    ]
}

/// Sends requests with a secret in the query, the header fields or the framing.
fn wrong_requests(services: &Services, token: &str) {
    let no_space = STRAY.replace(' ', "%20");
    for service in services.all() {
        let client = service.client.with_token(token);
        let _ = client.get(&format!("/?password={no_space}&access_token={token}")).expect(400);
        for (name, value) in [
            ("Cookie", format!("token={token}; password={PASSWORD}")),
            ("X-Access-Token", token.to_owned()),
            ("User-Agent", STRAY.to_owned()),
            ("traceparent", STRAY.to_owned()),
            ("Referer", format!("http://a/?password={PASSWORD}&token={token}")),
            ("Accept", STRAY.to_owned()),
            ("If-Match", format!("\"{STRAY}\"")),
        ] {
            let _ = client.call("GET", "/readyz").header(name, &value).send().expect(200);
        }
        for bytes in [
            format!("GET / HTTP/1.1\r\nHost: a\r\n{STRAY}\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\n\n"),
            format!("GET / {STRAY} HTTP/1.1\r\nHost: a\r\n\r\n"),
            format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {STRAY}\r\n\r\n"),
            format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{STRAY}\r\n"),
            format!("{STRAY}\r\n\r\n"),
        ] {
            let mut wire = Wire::to(client.address());
            wire.send(bytes);
            wire.finish_sending();
            wire.rest();
        }
    }
    for (token, path, status) in
        [(token, "/persons/1", 412), (&tokens::user("bob"), "/persons/1", 403), (token, "/persons/9", 404)]
    {
        let put = services.person.client.with_token(token).call("PUT", path);
        let put = put.header("If-Match", &format!("\"{STRAY}\"")).json(&json!({"name": NAME}));
        let _ = put.send().expect(status);
    }
}

/// Sends tokens with a secret in the header or the claims.
fn wrong_tokens(services: &Services) {
    let mut tokens = vec![PASSWORD.replace(' ', "-"), format!("{0}.{0}.{0}", STRAY.replace(' ', "_"))];
    let members = ["alg", "typ", "kid", "crit", "jku", "x5c"].map(|name| (true, name));
    let claims = ["iss", "aud", "sub", "role", "exp", "iat", "nbf", "jti"].map(|name| (false, name));
    for (in_header, name) in members.into_iter().chain(claims) {
        for value in [json!(STRAY), json!([STRAY]), json!({STRAY: STRAY})] {
            let (mut header, mut claims) = (tokens::header(), tokens::claims());
            *(if in_header { &mut header[name] } else { &mut claims[name] }) = value;
            tokens.push(tokens::forge(&header, &claims, &tokens::secret()));
        }
    }
    let Services { auth, person, health } = services;
    for (service, path) in [(auth, "/me"), (person, "/persons/1"), (health, "/health/1")] {
        for token in &tokens {
            // Some of these members may have any value, so some tokens are accepted.
            let status = service.client.with_token(token).get(path).status;
            assert!([200, 401, 403].contains(&status), "{status}");
        }
        let basic = service.client.call("GET", path).header("Authorization", &format!("Basic {STRAY}"));
        let _ = basic.send().expect(401);
    }
}

/// Sends answers with a secret to health.
fn wrong_person(fake: &FakePerson, health: &Client) {
    for say in [
        Response::body(json!({"id": 2, "name": NAME})),
        Response::body(STRAY),
        Response::Answer(418, NAME.to_owned()),
        Response::Bytes(format!("HTTP/1.1 200 OK\r\n{STRAY}\r\n\r\n")),
        Response::Bytes(format!("{STRAY}\r\n\r\n")),
        Response::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {STRAY}\r\n\r\n{NAME}")),
        Response::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{{\"name\":\"{NAME}\"}}")),
        Response::Bytes(format!(
            "HTTP/1.1 302 Found\r\nLocation: http://a/{STRAY}\r\nContent-Length: 0\r\n\r\n"
        )),
    ] {
        fake.says(say);
        let status = health.put("/health/1", &json!({"weight": WEIGHT})).status;
        assert!([502, 503].contains(&status), "{status}");
    }
}
