//! Registering, logging in, and asking who one is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::lab::{Lab, PASSWORD, credentials, token};

#[test]
fn somebody_registers_logs_in_and_is_told_who_they_are() {
    let lab = Lab::new();
    let registered = lab.register("ada", PASSWORD).expect(201);
    assert_eq!(registered.text().trim_end(), r#"{"username":"ada","role":"user"}"#);
    let logged_in = lab.log_in("ada", PASSWORD).expect(200);
    assert_eq!(logged_in.header("content-type"), Some("application/json"));
    let body = logged_in.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(3));
    let me = lab.client().with_token(&token(&logged_in)).get("/me").expect(200);
    assert_eq!(me.text().trim_end(), r#"{"username":"ada","role":"user"}"#);
}

#[test]
fn a_username_that_is_taken_is_409_and_its_password_stays() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    lab.register("ada", "difference engine").expect_problem(409, "username-taken");
    lab.register("ada", PASSWORD).expect_problem(409, "username-taken");
    let _ = lab.log_in("ada", PASSWORD).expect(200);
    lab.log_in("ada", "difference engine").expect_problem(401, "wrong-credentials");
}

#[test]
fn of_many_who_register_one_name_at_once_one_gets_it() {
    let lab = Lab::new();
    let outcomes: Vec<(u16, String)> = std::thread::scope(|scope| {
        let lab = &lab;
        let register = |i: usize| {
            let password = format!("password of number {i}");
            (lab.register("ada", &password).status, password)
        };
        let tries: Vec<_> = (0..16).map(|i| scope.spawn(move || register(i))).collect();
        tries.into_iter().map(|one| one.join().expect("no panic")).collect()
    });
    let mut counts: BTreeMap<u16, usize> = BTreeMap::new();
    for (status, _) in &outcomes {
        *counts.entry(*status).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([(201, 1), (409, 15)]));
    let (_, winner) = outcomes.iter().find(|(status, _)| *status == 201).expect("one has it");
    let _ = lab.log_in("ada", winner).expect(200);
}

#[test]
fn a_registration_that_will_not_do_is_422_and_points_to_everything() {
    let lab = Lab::new();
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
        let answer = lab.client().post("/register", &body);
        assert_eq!(answer.status, 422, "{body}");
        // A password is not even repeated to whoever sent it.
        assert!(
            !answer.text().contains(PASSWORD) && !answer.text().contains("PassWord1"),
            "{}",
            answer.text()
        );
        assert_eq!(answer.expect_problem(422, "invalid-fields").pointers(), pointers, "{body}");
    }
    let _ = lab.register("ada", PASSWORD).expect(201);
}

#[test]
fn usernames_and_passwords_at_their_limits_will_do() {
    let lab = Lab::new();
    let (longest_name, longest) = ("a".repeat(32), "x".repeat(256));
    for (username, password) in [
        ("a1", "12345679x"),
        ("0.a-b_c", "eight ch"),
        (&longest_name, &longest),
        ("cyrillic", "пароль"),
        ("spaces", "        "),
        ("nul", "nul\0in\0between"),
    ] {
        let _ = lab.register(username, password).expect(201);
        let _ = lab.log_in(username, password).expect(200);
    }
    // Every byte counts: nothing is cut, trimmed or folded.
    for (username, password) in
        [(&longest_name[..], &longest[..255]), ("eight", "Eight ch"), ("nul", "nul"), ("spaces", "         ")]
    {
        let _ = lab.log_in(username, password).expect(401);
    }
}

#[test]
fn an_unknown_user_and_a_wrong_password_get_one_and_the_same_answer() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    let answers: Vec<Value> = [
        ("ada", "difference engine"),
        ("bob", PASSWORD),
        ("Not A Username", PASSWORD),
        ("ada", ""),
        ("", ""),
    ]
    .iter()
    .map(|(username, password)| {
        let answer = lab.log_in(username, password).expect(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""));
        let mut problem = answer.expect_problem(401, "wrong-credentials").json();
        problem["trace_id"] = Value::Null;
        problem
    })
    .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn a_login_for_an_unknown_user_costs_a_hash_too() {
    let lab = Lab::new();
    let hashes = || {
        let page = lab.client().get("/metrics").text();
        let count = page.lines().find_map(|line| line.strip_prefix("password_hash_seconds_count "));
        count.expect("it is counted").parse::<f64>().expect("a number")
    };
    let _ = lab.register("ada", PASSWORD).expect(201);
    for (username, status) in [("ada", 200), ("bob", 401), ("Not A Username", 401)] {
        let before = hashes();
        let _ = lab.log_in(username, PASSWORD).expect(status);
        assert!((hashes() - before - 1.0).abs() < 0.1, "{username}");
    }
}

#[test]
fn a_login_is_read_strictly() {
    let lab = Lab::new();
    let post = |media_type: &str, body: &str| {
        lab.client().call("POST", "/login").header("Content-Type", media_type).body(body).send()
    };
    let good = credentials("ada", PASSWORD).to_string();
    post("application/x-www-form-urlencoded", &good).expect_problem(415, "unsupported-media-type");
    post("application/json", "[]").expect_problem(400, "malformed-json");
    let answer = post("application/json", r#"{"username":"ada","username":"bob","otp":1}"#);
    let mut pointers = answer.expect_problem(422, "invalid-fields").pointers();
    pointers.sort();
    assert_eq!(pointers, ["/otp", "/password", "/username"]);
    let _ = lab.client().post("/login?x=1", &credentials("ada", PASSWORD)).expect(400);
}
