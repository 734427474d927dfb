//! `/register`, `/login` and `/me`.

use argon2::{Argon2, PasswordHasher as _};
use serde_json::{Value, json};
use sqlite::rusqlite::Connection;

use crate::service::{AuthService, PASSWORD, WRONG, credentials, token};

#[test]
fn user_registers_logs_in_and_reads_me() {
    let service = AuthService::start();
    let registered = service.register("ada", PASSWORD).expect(201);
    assert_eq!(registered.text().trim_end(), r#"{"username":"ada","role":"user"}"#);
    let logged_in = service.log_in("ada", PASSWORD).expect(200);
    assert_eq!(logged_in.header("content-type"), Some("application/json"));
    let body = logged_in.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3));
    let me = service.client().with_token(&token(&logged_in)).get("/me").expect(200);
    assert_eq!(me.text().trim_end(), r#"{"username":"ada","role":"user"}"#);
}

#[test]
fn taken_username_is_409_and_keeps_its_password() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    service.register("ada", WRONG).expect_problem(409, "username-taken");
    service.register("ada", PASSWORD).expect_problem(409, "username-taken");
    let _ = service.log_in("ada", PASSWORD).expect(200);
    service.log_in("ada", WRONG).expect_problem(401, "wrong-credentials");
}

#[test]
fn one_of_many_concurrent_registrations_of_a_name_wins() {
    let service = AuthService::start();
    let outcomes: Vec<(u16, String)> = std::thread::scope(|scope| {
        let service = &service;
        let register = |i: usize| {
            let password = format!("password of number {i}");
            (service.register("ada", &password).status, password)
        };
        let requests: Vec<_> = (0..16).map(|i| scope.spawn(move || register(i))).collect();
        requests.into_iter().map(|request| request.join().expect("no panic")).collect()
    });
    let count = |wanted: u16| outcomes.iter().filter(|(status, _)| *status == wanted).count();
    assert_eq!((count(201), count(409)), (1, 15));
    let (_, winner) = outcomes.iter().find(|(status, _)| *status == 201).expect("a winner");
    let _ = service.log_in("ada", winner).expect(200);
}

#[test]
fn invalid_registration_is_422_with_all_pointers() {
    let service = AuthService::start();
    let long = "x".repeat(257);
    let rows: Vec<(Value, &[&str])> = vec![
        (json!({}), &["/username", "/password"]),
        (json!({"username": 1, "password": null}), &["/username", "/password"]),
        (json!({"username": "ada"}), &["/password"]),
        (json!({"username": "Ada", "password": PASSWORD}), &["/username"]),
        (json!({"username": "a", "password": PASSWORD}), &["/username"]),
        (json!({"username": "", "password": ""}), &["/username", "/password"]),
        (json!({"username": "-ada", "password": PASSWORD}), &["/username"]),
        (json!({"username": "ada ", "password": PASSWORD}), &["/username"]),
        (json!({"username": "ad\u{e0}", "password": PASSWORD}), &["/username"]),
        (json!({"username": "a".repeat(33), "password": PASSWORD}), &["/username"]),
        (json!({"username": "ada", "password": "1234567"}), &["/password"]),
        (json!({"username": "ada", "password": "password"}), &["/password"]),
        (json!({"username": "ada", "password": "PassWord1"}), &["/password"]),
        (json!({"username": "ada", "password": long}), &["/password"]),
        (json!({"username": "ada-lovelace", "password": "ada-lovelace"}), &["/password"]),
        (json!({"username": "ada", "password": PASSWORD, "role": "admin"}), &["/role"]),
        (json!({"username": "Ada", "password": "x", "role": "admin"}), &["/username", "/password", "/role"]),
    ];
    for (body, pointers) in rows {
        let answer = service.client().post("/register", &body);
        assert_eq!(answer.status, 422, "{body}");
        // The answer does not repeat a password.
        assert!(
            !answer.text().contains(PASSWORD) && !answer.text().contains("PassWord1"),
            "{}",
            answer.text()
        );
        assert_eq!(answer.expect_problem(422, "invalid-fields").pointers(), pointers, "{body}");
    }
    let _ = service.register("ada", PASSWORD).expect(201);
}

#[test]
fn usernames_and_passwords_at_their_limits_are_accepted() {
    let service = AuthService::start();
    let (longest_name, longest) = ("a".repeat(32), "x".repeat(256));
    for (username, password) in [
        ("a1", "12345679x"),
        ("0.a-b_c", "eight ch"),
        (&longest_name, &longest),
        ("cyrillic", "пароль"),
        ("spaces", "        "),
        ("nul", "nul\0in\0between"),
    ] {
        let _ = service.register(username, password).expect(201);
        let _ = service.log_in(username, password).expect(200);
    }
    // Beyond the normalization of Unicode, nothing is truncated, trimmed or case-folded.
    for (username, password) in
        [(&longest_name[..], &longest[..255]), ("eight", "Eight ch"), ("nul", "nul"), ("spaces", "         ")]
    {
        let _ = service.log_in(username, password).expect(401);
    }
}

/// A password in NFC and in NFD, with a no-break space in the second.
const SPELLINGS: [&str; 2] = ["p\u{e4}sswort von Ada", "pa\u{308}sswort\u{a0}von Ada"];

#[test]
fn both_spellings_of_a_password_log_in() {
    let service = AuthService::start();
    for (username, registered) in [("ada", SPELLINGS[0]), ("bob", SPELLINGS[1])] {
        let _ = service.register(username, registered).expect(201);
        for spelling in SPELLINGS {
            let _ = service.log_in(username, spelling).expect(200);
        }
        let _ = service.log_in(username, "passwort von Ada").expect(401);
    }
    // The limits hold for the normalized form.
    let _ = service.register("eve", &"a\u{308}".repeat(128)).expect(201);
    let _ = service.register("dan", "a\u{308}a\u{308}aa").expect(422);
}

/// Accounts of the version that did not normalize keep their passwords.
#[test]
fn older_account_with_another_spelling_logs_in() {
    let service = AuthService::on_file();
    let _ = service.register("ada", PASSWORD).expect(201);
    // The parameters of the contract are those that argon2 recommends.
    let argon2 = Argon2::default();
    let hash = argon2.hash_password_with_salt(SPELLINGS[1].as_bytes(), &[7; 16]).expect("a hash");
    let db = Connection::open(service.db()).expect("the database");
    db.execute("UPDATE account SET password = ?1", [hash.to_string()]).expect("the service is idle");
    let _ = service.log_in("ada", SPELLINGS[1]).expect(200);
    let _ = service.log_in("ada", SPELLINGS[0]).expect(401);
}

#[test]
fn unknown_user_and_wrong_password_get_the_same_answer() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let answers: Vec<Value> =
        [("ada", WRONG), ("bob", PASSWORD), ("Not A Username", PASSWORD), ("ada", ""), ("", "")]
            .iter()
            .map(|(username, password)| {
                let answer = service.log_in(username, password).expect(401);
                assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""));
                let mut problem = answer.expect_problem(401, "wrong-credentials").json();
                problem["trace_id"] = Value::Null;
                problem
            })
            .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn login_of_an_unknown_user_costs_a_hash() {
    let service = AuthService::start();
    let hashes = || {
        let page = service.client().get("/metrics").text();
        let count = page.lines().find_map(|line| line.strip_prefix("password_hash_seconds_count "));
        count.expect("a counter").parse::<f64>().expect("a number")
    };
    let _ = service.register("ada", PASSWORD).expect(201);
    // A password that normalization changes is compared in both forms.
    for (password, cost) in [(WRONG, 1.0), (SPELLINGS[1], 2.0)] {
        for username in ["ada", "bob", "Not A Username"] {
            let before = hashes();
            let _ = service.log_in(username, password).expect(401);
            assert!((hashes() - before - cost).abs() < 0.1, "{username}");
        }
    }
}

#[test]
fn login_body_is_parsed_strictly() {
    let service = AuthService::start();
    let post = |media_type: &str, body: &str| {
        service.client().call("POST", "/login").header("Content-Type", media_type).body(body).send()
    };
    let good = credentials("ada", PASSWORD).to_string();
    post("application/x-www-form-urlencoded", &good).expect_problem(415, "unsupported-media-type");
    post("application/json", "[]").expect_problem(400, "malformed-json");
    let answer = post("application/json", r#"{"username":"ada","username":"bob","otp":1}"#);
    let mut pointers = answer.expect_problem(422, "invalid-fields").pointers();
    pointers.sort();
    assert_eq!(pointers, ["/otp", "/password", "/username"]);
    let _ = service.client().post("/login?x=1", &credentials("ada", PASSWORD)).expect(400);
}
