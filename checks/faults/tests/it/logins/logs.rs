//! The logs of all three services at their most talkative hold no secret, whatever is done and whatever goes wrong.

use faults::report;
use faults::trio::Trio;
use serde_json::{Value, json};
use testkit::{Client, FakePerson, Say, Wire, tokens};

use super::markers::{Marker, found};

const PASSWORD: &str = "Marker pass Quetzalcoatl 71";
const WRONG: &str = "Marker wrong Xiuhtecuhtli 72";
const NAME: &str = "Marker Name Huitzilopochtli";
const STRAY: &str = "Marker Stray Tezcatlipoca";
/// A weight and a height that no clock, port or duration will show by chance.
const WEIGHT: f64 = 83.428_657_13;
const HEIGHT: f64 = 171.313_376_41;

#[test]
fn no_log_holds_a_password_a_token_a_key_a_name_or_a_vital_sign() {
    let mut trio = Trio::start(tokens::KEY_FILE, &[("LOG", "trace"), ("LOG_FORMAT", "json")]);
    let fake = FakePerson::start();
    let elsewhere = faults::health(&fake.url());
    let mut misled = elsewhere.serve_with(&[("LOG", "trace"), ("LOG_FORMAT", "json")]);

    let token = session(&trio);
    wrong_bodies(&trio, &token);
    wrong_requests(&trio, &token);
    wrong_tokens(&trio);
    lies(&fake, &misled.client().with_token(&token));
    // Health is left alone, with nobody to ask.
    trio.person.binary.signal("TERM");
    assert!(trio.person.binary.ended().success());
    let health = trio.health.client.with_token(&token);
    health.put("/health/1", &json!({"weight": WEIGHT})).expect_problem(503, "person-unreachable");

    let markers = markers(&token);
    let (mut lines, mut leaks) = (0, Vec::new());
    for (name, binary) in [
        ("auth", &mut trio.auth.binary),
        ("person", &mut trio.person.binary),
        ("health", &mut trio.health.binary),
        ("health, misled", &mut misled),
    ] {
        if name != "person" {
            binary.signal("TERM");
            assert!(binary.ended().success(), "{name}");
        }
        let log = binary.logs() + &binary.output();
        // The log is there, it is of the level asked for, and none of it was dropped.
        assert!(log.contains("\"answered\"") && log.contains("\"level\":\"DEBUG\""), "{name}: {log}");
        assert!(!log.contains("were dropped"), "{name}");
        for line in log.lines() {
            lines += 1;
            leaks.extend(found(line, &markers).into_iter().map(|what| format!("{name}: {what}: {line}")));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let tried = format!("{} markers in each of {lines} lines, in 14 forms", markers.len());
    report("secrets in the logs of three services at LOG=trace", &tried, "0 found");
}

/// What must not be found.
fn markers(token: &str) -> Vec<Marker> {
    let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let (_, key) = tokens::KEY_FILE.trim().split_once(':').expect("a key line");
    let mut markers = vec![
        ("a password", PASSWORD.to_owned()),
        ("a wrong password", WRONG.to_owned()),
        ("a name", NAME.to_owned()),
        ("what was sent in a wrong place", STRAY.to_owned()),
        ("a weight", WEIGHT.to_string()),
        ("a height", HEIGHT.to_string()),
        ("a key", key.to_owned()),
        ("the header of a token", header.to_owned()),
        ("the claims of a token", claims.to_owned()),
        ("the signature of a token", signature.to_owned()),
    ];
    let hex: String = tokens::secret().iter().map(|byte| format!("{byte:02x}")).collect();
    markers.push(("a key in hexadecimal", hex));
    markers
}

/// All that goes well; gives the token.
fn session(trio: &Trio) -> String {
    let auth = &trio.auth.client;
    let account = json!({"username": "ada", "password": PASSWORD});
    let _ = auth.post("/register", &account).expect(201);
    let _ = auth.post("/register", &account).expect(409);
    let login = auth.post("/login", &account).expect(200).json();
    let token = login["access_token"].as_str().expect("a token").to_owned();
    let _ = auth.with_token(&token).get("/me").expect(200);
    let person = trio.person.client.with_token(&token);
    let _ = person.post("/persons", &json!({"name": NAME})).expect(201);
    let _ = person.put("/persons/1", &json!({"name": NAME})).expect(200);
    let _ = person.get("/persons").expect(200);
    let health = trio.health.client.with_token(&token);
    let record = json!({"weight": WEIGHT, "height": HEIGHT});
    let _ = health.post("/health/1", &record).expect(201);
    let _ = health.put("/health/1", &record).expect(200);
    let _ = health.patch("/health/1", &json!({"weight": WEIGHT})).expect(200);
    let _ = health.get("/health/1").expect(200);
    token
}

/// Bodies that are refused, each with something in it that is nobody's business.
fn wrong_bodies(trio: &Trio, token: &str) {
    for name in ["ada", "nobody", STRAY, PASSWORD] {
        let _ = trio.auth.client.post("/login", &json!({"username": name, "password": WRONG})).expect(401);
    }
    let doors = [
        (trio.auth.client.clone(), "POST", "/register"),
        (trio.auth.client.clone(), "POST", "/login"),
        (trio.person.client.with_token(token), "POST", "/persons"),
        (trio.person.client.with_token(token), "PUT", "/persons/1"),
        (trio.health.client.with_token(token), "PUT", "/health/1"),
        (trio.health.client.with_token(token), "PATCH", "/health/1"),
    ];
    for (client, method, path) in doors {
        for body in objects() {
            let _ = client.call(method, path).json(&body).send().expect(422);
        }
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
            let call = client.call(method, path).header("Content-Type", "application/json");
            let _ = call.body(body).send().expect(400);
        }
        let twice = format!("{{\"{STRAY}\":\"{NAME}\",\"{STRAY}\":\"{PASSWORD}\"}}");
        let call = client.call(method, path).header("Content-Type", "application/json");
        let _ = call.body(twice).send().expect(422);
        let call = client.call(method, path).header("Content-Type", STRAY).body(NAME);
        let _ = call.send().expect(415);
        let call = client.call(method, path).header("Content-Type", "application/json");
        let _ = call.chunked(NAME.repeat(3000)).send().expect(413);
    }
}

/// Objects that no door takes.
fn objects() -> Vec<Value> {
    vec![
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

/// Requests that are wrong before their body: query, headers, framing.
fn wrong_requests(trio: &Trio, token: &str) {
    let no_space = STRAY.replace(' ', "%20");
    for service in trio.services() {
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
    let put = |client: &Client, path: &str| {
        client
            .call("PUT", path)
            .header("If-Match", &format!("\"{STRAY}\""))
            .json(&json!({"name": NAME}))
            .send()
    };
    let _ = put(&trio.person.client.with_token(token), "/persons/1").expect(412);
    let _ = put(&trio.person.client.with_token(&tokens::user("bob")), "/persons/1").expect(403);
    let _ = put(&trio.person.client.with_token(token), "/persons/9").expect(404);
}

/// Tokens that are refused, and what stands in them.
fn wrong_tokens(trio: &Trio) {
    let mut tokens = vec![PASSWORD.replace(' ', "-"), format!("{0}.{0}.{0}", STRAY.replace(' ', "_"))];
    for name in ["alg", "typ", "kid", "crit", "jku", "x5c"] {
        for value in [json!(STRAY), json!([STRAY]), json!({STRAY: STRAY})] {
            let mut header = tokens::header();
            header[name] = value;
            tokens.push(tokens::forge(&header, &tokens::claims(), &tokens::secret()));
        }
    }
    for name in ["iss", "aud", "sub", "role", "exp", "iat", "nbf", "jti"] {
        for value in [json!(STRAY), json!([STRAY]), json!({STRAY: STRAY})] {
            let mut claims = tokens::claims();
            claims[name] = value;
            tokens.push(tokens::forge(&tokens::header(), &claims, &tokens::secret()));
        }
    }
    for (service, path) in [(&trio.auth, "/me"), (&trio.person, "/persons/1"), (&trio.health, "/health/1")] {
        for token in &tokens {
            // Some of these claims may be anything; what counts is what the log says.
            let status = service.client.with_token(token).get(path).status;
            assert!([200, 401, 403].contains(&status), "{status}");
        }
        let basic = service.client.call("GET", path).header("Authorization", &format!("Basic {STRAY}"));
        let _ = basic.send().expect(401);
    }
}

/// A person service that says what it should not.
fn lies(fake: &FakePerson, health: &Client) {
    for say in [
        Say::body(json!({"id": 2, "name": NAME})),
        Say::body(STRAY),
        Say::Answer(418, NAME.to_owned()),
        Say::Bytes(format!("HTTP/1.1 200 OK\r\n{STRAY}\r\n\r\n")),
        Say::Bytes(format!("{STRAY}\r\n\r\n")),
        Say::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {STRAY}\r\n\r\n{NAME}")),
        Say::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{{\"name\":\"{NAME}\"}}")),
        Say::Bytes(format!("HTTP/1.1 302 Found\r\nLocation: http://a/{STRAY}\r\nContent-Length: 0\r\n\r\n")),
    ] {
        fake.says(say);
        let status = health.put("/health/1", &json!({"weight": WEIGHT})).status;
        assert!([502, 503].contains(&status), "{status}");
    }
}
