//! The command line, the variables and the log of the process.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};
use testkit::{eventually, tokens};

use crate::service::test_dir;

const USAGE: Option<i32> = Some(64);
const CONFIG: Option<i32> = Some(78);

#[test]
fn help_prints_every_variable_with_its_default() {
    let dir = test_dir();
    for argument in ["--help", "-h", "help"] {
        let ended = dir.run(&[argument], &[]);
        assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
        let words = "PERSON_LISTEN [127.0.0.1:5001] PERSON_DB [data/person/person.db] PERSON_LIMIT [10000] JWT_KEYS_FILE LOG [info] \
            LOG_FORMAT serve healthcheck --version";
        for word in words.split(' ') {
            assert!(ended.out.contains(word), "{word} in {}", ended.out);
        }
    }
}

#[test]
fn version_is_printed() {
    let ended = test_dir().run(&["--version"], &[]);
    assert_eq!((ended.code, ended.out), (Some(0), format!("person {}\n", person::VERSION)));
}

#[test]
fn unknown_arguments_are_a_usage_error() {
    let dir = test_dir();
    for arguments in
        [&["start"][..], &["serve", "now"], &["--port=1"], &["keygen", "x"], &["healthcheck", "x"], &[""]]
    {
        let ended = dir.run(arguments, &[]);
        assert_eq!((ended.code, &ended.out[..]), (USAGE, ""), "{arguments:?}");
        assert!(ended.err.contains("unknown arguments") && ended.err.contains("Usage:"), "{}", ended.err);
    }
}

#[test]
fn all_invalid_variables_are_named_at_once() {
    let dir = test_dir();
    let invalid = [
        ("PERSON_LISTEN", "everywhere"),
        ("PERSON_LIMIT", "0"),
        ("JWT_KEYS_FILE", "/nowhere/keys"),
        ("LOG", "loud"),
        ("LOG_FORMAT", "xml"),
    ];
    let ended = dir.run(&["serve"], &invalid);
    assert_eq!(ended.code, CONFIG, "{}", ended.err);
    for (name, value) in invalid {
        assert!(ended.err.contains(&format!("{name}={value}: ")), "{name} in {}", ended.err);
    }
    assert!(!dir.path("store").exists());
}

#[test]
fn leftovers_around_a_value_are_refused_and_create_nothing() {
    let dir = test_dir();
    let before = dir.named("");
    let db = dir.text("new");
    for (name, value, words) in [
        ("PERSON_DB", format!("\"{db}\""), "it holds the quotes around the value"),
        ("PERSON_DB", format!("{db}\r"), "it holds the control character U+000D"),
        ("PERSON_DB", format!("{db} "), "it begins or ends with white space"),
        ("PERSON_LISTEN", "'127.0.0.1:0'".to_owned(), "it holds the quotes around the value"),
        ("JWT_KEYS_FILE", format!("{}\r", dir.text("keys")), "it holds the control character U+000D"),
    ] {
        for command in ["serve", "backup", "restore", "healthcheck"] {
            let reads = match command {
                "serve" => true,
                "healthcheck" => name == "PERSON_LISTEN",
                _ => name == "PERSON_DB",
            };
            if reads {
                let ended = dir.run(&[command], &[(name, &value)]);
                assert_eq!(ended.code, CONFIG, "{command} {name}: {}", ended.err);
                assert!(ended.err.contains(name) && ended.err.contains(words), "{}", ended.err);
                assert!(!ended.err.contains('\r'), "{}", ended.err);
            }
        }
    }
    assert_eq!(dir.named(""), before);
}

#[test]
fn missing_key_file_is_refused_with_the_fix() {
    let ended = test_dir().run(&["serve"], &[("JWT_KEYS_FILE", "")]);
    assert_eq!(ended.code, CONFIG);
    for words in ["JWT_KEYS_FILE must be set", "auth keygen"] {
        assert!(ended.err.contains(words), "{words} in {}", ended.err);
    }
}

/// `crates/token` tests more invalid keys.
#[test]
fn invalid_key_file_is_refused_with_its_line() {
    let dir = test_dir();
    let good = tokens::KEY_FILE;
    for (file, word) in [
        (String::new(), "no key"),
        ("secret\n".to_owned(), "line 1"),
        (format!("{good}b:c2hvcnQ\n"), "line 2"),
        (format!("{good}a b:q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKo\n"), "line 2"),
        (format!("{good}b:!!!!vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKo\n"), "line 2"),
        (format!("k:{}\n", "A".repeat(43)), "line 1"),
        // The key of RFC 7515, appendix A.1.
        (
            "k:AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\n"
                .to_owned(),
            "line 1",
        ),
    ] {
        dir.write("keys", &file);
        let ended = dir.run(&["serve"], &[]);
        assert_eq!(ended.code, CONFIG, "{file}");
        assert!(ended.err.contains(word) && ended.err.contains(&dir.text("keys")), "{file}: {}", ended.err);
        // The message repeats no part of a key.
        for key in file.lines().filter_map(|line| line.split_once(':')).map(|(_, key)| key) {
            assert!(!ended.err.contains(&key[..key.len().min(12)]), "{}", ended.err);
        }
    }
}

/// Sets the mode of the key file, starts the service until it is ready or refuses, and returns its log.
fn logs_with_keys_of_mode(mode: u32) -> (Option<i32>, String) {
    let dir = test_dir();
    fs::set_permissions(dir.path("keys"), Permissions::from_mode(mode)).expect("a file");
    let mut process = dir.serve();
    eventually("it is ready or has refused", || {
        let logs = process.logs();
        (logs.contains("\"ready\"") || logs.contains("person: ")).then_some(())
    });
    if process.logs().contains("\"ready\"") {
        process.signal("TERM");
    }
    (process.ended().code(), process.logs())
}

#[test]
fn key_file_that_others_may_write_is_refused() {
    for mode in [0o620, 0o602, 0o666] {
        let (code, logs) = logs_with_keys_of_mode(mode);
        assert_eq!(code, CONFIG, "{logs}");
        let words =
            format!("others may write this file, and so sign tokens: its mode is {mode:04o}, not 0600");
        assert!(logs.contains("JWT_KEYS_FILE=") && logs.contains(&words), "{logs}");
    }
}

#[test]
fn key_file_that_others_may_read_is_a_warning() {
    for (mode, warned) in [(0o644, true), (0o604, true), (0o600, false), (0o400, false), (0o440, false)] {
        let (code, logs) = logs_with_keys_of_mode(mode);
        assert_eq!(code, Some(0), "{logs}");
        let words =
            format!("others may read this file, and so sign tokens: its mode is {mode:04o}, not 0600");
        assert_eq!(logs.contains(&words), warned, "{mode:o}: {logs}");
        assert_eq!(logs.contains("WARN"), warned, "{mode:o}: {logs}");
    }
}

#[test]
fn key_file_of_another_encoding_is_refused_with_its_name() {
    let utf_16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{}", tokens::KEY_FILE).encode_utf16().flat_map(order).collect()
    };
    let without_mark = utf_16(u16::to_le_bytes).split_off(2);
    for (content, words) in [
        (format!("\u{feff}{}", tokens::KEY_FILE).into_bytes(), "begins with a byte order mark (BOM)"),
        (utf_16(u16::to_le_bytes), "the file is UTF-16"),
        (utf_16(u16::to_be_bytes), "the file is UTF-16"),
        (without_mark, "the file is UTF-16"),
        (b"k:\xff\xfe\xfd\n".to_vec(), "the file is not UTF-8"),
    ] {
        let dir = test_dir();
        dir.write("keys", content);
        let ended = dir.run(&["serve"], &[]);
        assert_eq!(ended.code, CONFIG);
        assert!(ended.err.contains(words) && ended.err.contains(&dir.text("keys")), "{words}: {}", ended.err);
    }
}

#[test]
fn log_is_json_with_a_line_for_each_request() {
    let dir = test_dir();
    let mut process = dir.serve();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let client = process.client();
    // A successful probe has no line.
    for probe in ["/livez", "/readyz", "/metrics"] {
        let _ = client.get(probe).expect(200);
    }
    let _ = client.call("GET", "/").header("traceparent", trace).send().expect(200);
    let _ = client.get("/livez?x").expect(400);
    process.signal("TERM");
    assert!(process.ended().success());
    let logs = process.logs();
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
fn log_can_be_text() {
    let dir = test_dir();
    let mut process = dir.serve_with(&[("LOG_FORMAT", "text")]);
    eventually("the service is ready", || process.logs().contains(" ready ").then_some(()));
    process.signal("TERM");
    assert!(process.ended().success());
    let logs = process.logs();
    assert!(logs.lines().all(|line| !line.starts_with('{') && line.contains("INFO")), "{logs}");
}

#[test]
fn log_has_neither_tokens_nor_names() {
    let dir = test_dir();
    let mut process = dir.serve_with(&[("LOG", "trace")]);
    let client = process.client();
    let token = tokens::user("ada");
    let ada = client.with_token(&token);
    let _ = ada.post("/persons", &json!({"name": "Wilhelmina"})).expect(201);
    let _ = ada.get("/persons?x=Wilhelmina").expect(400);
    for (_, forged) in tokens::forgeries() {
        let _ = client.with_token(&forged).get("/persons").expect(401);
    }
    process.signal("TERM");
    assert!(process.ended().success());
    let logs = process.logs();
    assert!(logs.contains("answered") && !logs.contains("Wilhelmina"), "{logs}");
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(!logs.contains(signature) && !logs.contains("eyJ"), "{logs}");
}

#[cfg(not(feature = "cluster"))]
#[test]
fn address_of_a_cluster_needs_the_feature() {
    let dir = test_dir();
    let ended = dir.run(&["serve"], &[("PERSON_DB", "postgres://ada:hunter2@host/db")]);
    assert_eq!(ended.code, CONFIG, "{}", ended.err);
    assert!(
        ended.err.contains("PERSON_DB=postgres:…: ") && ended.err.contains("feature `cluster`"),
        "{}",
        ended.err
    );
}
