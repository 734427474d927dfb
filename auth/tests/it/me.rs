//! `PUT /me/password` and `DELETE /me`: what the holder of an account does with it.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Client, tokens};

use crate::service::{AuthService, PASSWORD, WRONG, log_in, register, test_dir, token};

const NEW: &str = "notes by the translator";

fn change(client: &Client, current: &str, new: &str) -> Answer {
    client.put("/me/password", &json!({"current_password": current, "new_password": new}))
}

/// Checks that the answer asks for another token, since the account is gone.
#[track_caller]
fn assert_gone(answer: Answer) {
    let challenge = answer.header("www-authenticate").expect("a challenge").to_owned();
    assert!(challenge.contains("error=\"invalid_token\", error_description=\"its account"), "{challenge}");
    answer.expect_problem(401, "invalid-token");
}

#[test]
fn new_password_replaces_the_old_one() {
    let service = AuthService::start();
    let ada = service.client().with_token(&service.token_of("ada"));
    let _ = service.register("bob", PASSWORD).expect(201);
    assert_eq!(change(&ada, PASSWORD, NEW).expect(204).text(), "");
    service.log_in("ada", PASSWORD).expect_problem(401, "wrong-credentials");
    let _ = service.log_in("ada", NEW).expect(200);
    let _ = service.log_in("bob", PASSWORD).expect(200);
    // The token of the old password is valid until it expires, for a further change too.
    let _ = ada.get("/me").expect(200);
    let _ = change(&ada, NEW, PASSWORD).expect(204);
    let _ = service.log_in("ada", PASSWORD).expect(200);
}

#[test]
fn spellings_of_both_passwords_do_not_matter() {
    let service = AuthService::start();
    let spellings = ["p\u{e4}sswort von Ada", "pa\u{308}sswort\u{a0}von Ada"];
    let _ = service.register("ada", spellings[0]).expect(201);
    let ada = service.client().with_token(&token(&service.log_in("ada", spellings[1])));
    let _ = change(&ada, spellings[1], "\u{e9}l\u{e8}ve de Babbage").expect(204);
    let _ = service.log_in("ada", "e\u{301}le\u{300}ve de Babbage").expect(200);
}

#[test]
fn wrong_current_password_is_403_and_changes_nothing() {
    let service = AuthService::start();
    let ada = service.client().with_token(&service.token_of("ada"));
    for wrong in [WRONG, "", NEW] {
        change(&ada, wrong, NEW).expect_problem(403, "wrong-password");
    }
    let _ = service.log_in("ada", PASSWORD).expect(200);
    let without = service.client();
    change(&without, PASSWORD, NEW).expect_problem(401, "missing-token");
}

#[test]
fn wrong_current_passwords_count_like_failed_logins() {
    let service = AuthService::start();
    let client = service.client();
    let ada = client.with_token(&service.token_of("ada"));
    for _ in 0..3 {
        change(&ada, WRONG, NEW).expect_problem(403, "wrong-password");
    }
    for _ in 0..2 {
        let _ = service.log_in("ada", WRONG).expect(401);
    }
    for refused in [change(&ada, PASSWORD, NEW), service.log_in("ada", PASSWORD)] {
        assert_eq!(refused.expect_problem(429, "too-many-failures").header("retry-after"), Some("1"));
    }
    // Another address has its own allowance.
    let _ = change(&ada.connecting_from([127, 0, 0, 2]), PASSWORD, NEW).expect(204);
}

#[test]
fn new_password_obeys_the_rules_of_registration() {
    let service = AuthService::start();
    let ada = service.client().with_token(&service.token_of("ada-lovelace"));
    let rows: Vec<(Value, &[&str])> = vec![
        (json!({}), &["/current_password", "/new_password"]),
        (json!({"current_password": 1, "new_password": null}), &["/current_password", "/new_password"]),
        (json!({"current_password": PASSWORD, "new_password": "1234567"}), &["/new_password"]),
        (json!({"current_password": PASSWORD, "new_password": "x".repeat(257)}), &["/new_password"]),
        (json!({"current_password": PASSWORD, "new_password": "PassWord1"}), &["/new_password"]),
        (json!({"current_password": PASSWORD, "new_password": "Ada-Lovelace"}), &["/new_password"]),
        (json!({"current_password": PASSWORD, "new_password": NEW, "username": "eve"}), &["/username"]),
    ];
    for (body, pointers) in rows {
        let answer = ada.put("/me/password", &body).expect_problem(422, "invalid-fields");
        assert_eq!(answer.pointers(), pointers, "{body}");
    }
    let _ = service.log_in("ada-lovelace", PASSWORD).expect(200);
}

#[test]
fn one_of_many_concurrent_changes_wins() {
    let service = AuthService::start();
    let ada = service.client().with_token(&service.token_of("ada"));
    let outcomes: Vec<(u16, String)> = thread::scope(|scope| {
        let requests: Vec<_> = (0..8)
            .map(|number| {
                let (ada, new) = (&ada, format!("password of number {number}"));
                scope.spawn(move || (change(ada, PASSWORD, &new).status, new))
            })
            .collect();
        requests.into_iter().map(|request| request.join().expect("no panic")).collect()
    });
    let winners: Vec<_> = outcomes.iter().filter(|(status, _)| *status == 204).collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|(status, _)| [204, 403, 429].contains(status)), "{outcomes:?}");
    let elsewhere = service.client().connecting_from([127, 0, 0, 2]);
    let _ = log_in(&elsewhere, "ada", &winners[0].1).expect(200);
}

#[test]
fn deleted_account_is_closed_for_good() {
    let dir = test_dir();
    let mut process = dir.serve();
    let client = process.client();
    let [ada, _] = ["ada", "bob"].map(|username| {
        let _ = register(&client, username, PASSWORD).expect(201);
        client.with_token(&token(&log_in(&client, username, PASSWORD)))
    });
    assert_eq!(ada.delete("/me").expect(204).text(), "");
    let closed = |client: &Client| {
        // The answer does not tell it from an account that never was.
        let details = ["ada", "nobody"].map(|username| {
            log_in(client, username, PASSWORD).expect_problem(401, "wrong-credentials").json()["detail"]
                .clone()
        });
        assert_eq!(details[0], details[1]);
        register(client, "ada", NEW).expect_problem(409, "username-taken");
        let _ = log_in(client, "bob", PASSWORD).expect(200);
    };
    closed(&client);
    // The token stays valid until it expires, but there is nothing left to change.
    let _ = ada.get("/me").expect(200);
    assert_gone(ada.delete("/me"));
    assert_gone(change(&ada, PASSWORD, NEW));
    let copy = dir.backup();
    drop(process);
    closed(&dir.serve().client());
    let other = test_dir();
    assert_eq!(other.restore(copy).code, Some(0));
    closed(&other.serve().client());
}

#[test]
fn deletion_needs_a_login_of_the_last_five_minutes() {
    let service = AuthService::start();
    let (_, mut claims) = tokens::read(&service.token_of("ada"));
    let mut aged = |seconds: u64| {
        claims["iat"] = json!(tokens::now() - seconds);
        claims["exp"] = json!(tokens::now() - seconds + 900);
        service.client().with_token(&tokens::forge(&tokens::header(), &claims, &tokens::secret()))
    };
    for seconds in [302, 890] {
        let answer = aged(seconds).delete("/me");
        assert_eq!(
            answer.header("www-authenticate"),
            Some(
                "Bearer realm=\"mini-projet\", error=\"insufficient_user_authentication\", \
                 error_description=\"the login is too long ago\", max_age=\"300\""
            )
        );
        answer.expect_problem(401, "insufficient-user-authentication");
    }
    let _ = service.log_in("ada", PASSWORD).expect(200);
    // An older token may still change the password: for that the current one is asked.
    let _ = change(&aged(890), PASSWORD, NEW).expect(204);
    let _ = aged(290).delete("/me").expect(204);
}

/// After auth has lost its database, the username may be somebody else's.
#[test]
fn token_of_another_account_of_the_name_changes_nothing() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let earlier = service.client().with_token(&tokens::user("ada"));
    assert_gone(change(&earlier, PASSWORD, NEW));
    assert_gone(earlier.delete("/me"));
    assert_gone(service.client().with_token(&tokens::user("Not A Username")).delete("/me"));
    let _ = service.log_in("ada", PASSWORD).expect(200);
}

#[test]
fn deleted_account_leaves_only_its_name() {
    let service = AuthService::start_erasing_after(Duration::from_millis(100));
    let ada = service.client().with_token(&service.token_of("ada"));
    let mut traces = service.stored().to_vec();
    let _ = change(&ada, PASSWORD, NEW).expect(204);
    traces.extend(service.stored());
    let _ = ada.delete("/me").expect(204);
    assert!(service.wait_until_gone(&traces).contains("ada"));
}
