//! What the process says of its configuration, and where it refuses one.

use serde_json::{Value, json};
use testkit::{eventually, tokens};

use crate::lab::place;

const USAGE: Option<i32> = Some(64);
const CONFIG: Option<i32> = Some(78);

#[test]
fn help_prints_every_variable_with_its_default() {
    let place = place();
    for argument in ["--help", "-h", "help"] {
        let ended = place.run(&[argument], &[]);
        assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
        for word in [
            "PERSON_LISTEN",
            "[127.0.0.1:5001]",
            "PERSON_DB",
            "[data/person/person.db]",
            "JWT_KEYS_FILE",
            "LOG",
            "[info]",
            "LOG_FORMAT",
            "serve",
            "healthcheck",
            "--version",
        ] {
            assert!(ended.out.contains(word), "{word} in {}", ended.out);
        }
    }
}

#[test]
fn version_prints_the_version() {
    let ended = place().run(&["--version"], &[]);
    assert_eq!((ended.code, ended.out), (Some(0), format!("person {}\n", person::VERSION)));
}

#[test]
fn unknown_arguments_are_a_usage_error() {
    let place = place();
    for arguments in
        [&["start"][..], &["serve", "now"], &["--port=1"], &["keygen", "x"], &["healthcheck", "x"], &[""]]
    {
        let ended = place.run(arguments, &[]);
        assert_eq!((ended.code, &ended.out[..]), (USAGE, ""), "{arguments:?}");
        assert!(ended.err.contains("unknown arguments") && ended.err.contains("Usage:"), "{}", ended.err);
    }
}

#[test]
fn every_wrong_variable_is_named_at_once() {
    let place = place();
    let wrong = [
        ("PERSON_LISTEN", "everywhere"),
        ("JWT_KEYS_FILE", "/nowhere/keys"),
        ("LOG", "loud"),
        ("LOG_FORMAT", "xml"),
    ];
    let ended = place.run(&["serve"], &wrong);
    assert_eq!(ended.code, CONFIG, "{}", ended.err);
    for (name, value) in wrong {
        assert!(ended.err.contains(&format!("{name}={value}: ")), "{name} in {}", ended.err);
    }
    assert!(!place.path("store").exists());
}

#[test]
fn there_is_no_default_key() {
    let ended = place().run(&["serve"], &[("JWT_KEYS_FILE", "")]);
    assert_eq!(ended.code, CONFIG);
    assert!(ended.err.contains("JWT_KEYS_FILE must be given"), "{}", ended.err);
    assert!(ended.err.contains("auth keygen"), "it says how to make one: {}", ended.err);
}

#[test]
fn a_key_file_that_is_not_sound_is_refused_with_its_line() {
    let place = place();
    let good = tokens::KEY_FILE;
    let rows = [
        (String::new(), "no key"),
        ("# none\n\n".to_owned(), "no key"),
        ("secret\n".to_owned(), "line 1"),
        (format!("{good}b:c2hvcnQ\n"), "line 2"),
        (format!("{good}\n# again\n{good}"), "line 4"),
        (format!("{good}{}", good.replace("test:", "other:")), "line 2"),
        (format!("{good}a b:q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKo\n"), "line 2"),
        (format!("{good}b:!!!!vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKo\n"), "line 2"),
        (format!("k:{}\n", "A".repeat(43)), "line 1"),
        // "your-256-bit-secret", doubled.
        ("k:eW91ci0yNTYtYml0LXNlY3JldHlvdXItMjU2LWJpdC1zZWNyZXQ\n".to_owned(), "line 1"),
        // RFC 7515 appendix A.1.
        (
            "k:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\n"
                .to_owned(),
            "line 1",
        ),
    ];
    for (file, word) in rows {
        place.write("keys", &file);
        let ended = place.run(&["serve"], &[]);
        assert_eq!(ended.code, CONFIG, "{file}");
        let path = place.path("keys");
        assert!(
            ended.err.contains(word) && ended.err.contains(path.to_str().expect("text")),
            "{file}: {}",
            ended.err
        );
        // No key, not even half a one, gets into a log.
        for key in file.lines().filter_map(|line| line.split_once(':')).map(|(_, key)| key) {
            assert!(!ended.err.contains(&key[..key.len().min(12)]), "{}", ended.err);
        }
    }
}

#[test]
fn a_key_is_rotated_by_adding_a_line() {
    let place = place();
    let new = "new:q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKo\n";
    place.write("keys", format!("{new}# the old one\n{}", tokens::KEY_FILE));
    let mut service = place.serve();
    let _ = service.client().with_token(&tokens::user("ada")).get("/persons").expect(200);
}

#[test]
fn every_line_of_the_log_is_json_and_each_request_but_a_good_probe_has_one() {
    let place = place();
    let mut service = place.serve();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let client = service.client();
    for probe in ["/livez", "/readyz", "/metrics"] {
        let _ = client.get(probe).expect(200);
    }
    let _ = client.call("GET", "/").header("traceparent", trace).send().expect(200);
    let _ = client.get("/livez?x").expect(400);
    service.signal("TERM");
    assert!(service.ended().success());
    let logs = service.logs();
    let lines: Vec<Value> = logs.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(lines.iter().all(|line| line["message"].is_string() && line["level"].is_string()), "{logs}");
    let answered: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert_eq!(answered.len(), 2, "{logs}");
    assert_eq!((&answered[1]["path"], &answered[1]["status"]), (&json!("/livez"), &json!(400)));
    let expected = json!({
        "service": "person", "method": "GET", "path": "/", "status": 200,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    for (name, value) in expected.as_object().expect("an object") {
        assert_eq!(answered[0][name], *value, "{name}");
    }
    assert!(answered[0]["duration_ms"].is_number());
}

#[test]
fn the_log_may_be_text() {
    let place = place();
    let mut service = place.serve_with(&[("LOG_FORMAT", "text")]);
    eventually("it is ready", || service.logs().contains(" ready ").then_some(()));
    service.signal("TERM");
    assert!(service.ended().success());
    assert!(
        service.logs().lines().all(|line| !line.starts_with('{') && line.contains("INFO")),
        "{}",
        service.logs()
    );
}

#[test]
fn neither_a_token_nor_a_name_gets_into_the_log() {
    let place = place();
    let mut service = place.serve_with(&[("LOG", "trace")]);
    let client = service.client();
    let token = tokens::user("ada");
    let ada = client.with_token(&token);
    let _ = ada.post("/persons", &json!({"name": "Wilhelmina"})).expect(201);
    let _ = ada.get("/persons?x=Wilhelmina").expect(400);
    for (_, forged) in tokens::forgeries() {
        let _ = client.with_token(&forged).get("/persons").expect(401);
    }
    service.signal("TERM");
    assert!(service.ended().success());
    let logs = service.logs();
    assert!(logs.contains("answered") && !logs.contains("Wilhelmina"), "{logs}");
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(!logs.contains(signature) && !logs.contains("eyJ"), "{logs}");
}
