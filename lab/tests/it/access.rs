//! Tokens, roles and keys at all three services. `checks/faults` tests every operation with every kind of token.

use serde_json::json;
use testkit::{Client, tokens};

use crate::running_lab::RunningLab;
use crate::users::User;

/// A path of each service that requires a token.
fn protected(user: &User) -> [(&Client, &'static str); 3] {
    [(&user.auth, "/me"), (&user.person, "/persons"), (&user.health, "/health/1")]
}

#[test]
fn all_three_services_require_a_token_of_auth() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    ada.create_measured_person("Ada", &json!({"weight": 70}));
    for (service, path) in protected(&ada) {
        let _ = service.get(path).expect(200);
    }
    for (service, (_, path)) in lab.anonymous().iter().zip(protected(&ada)) {
        let answer = service.get(path).expect_problem(401, "missing-token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{path}");
    }
}

#[test]
fn granted_admin_changes_everything_until_revoked() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.sign_up("bob").create_person("Bob");
    let before = lab.sign_up("root");
    lab.grant("root", "admin");
    // A token keeps the role that its user had at the login.
    before.person.get("/persons/1").expect_problem(403, "insufficient-scope");
    for answer in before.try_everything_on_record(id) {
        answer.expect_problem(403, "insufficient-scope");
    }
    let root = lab.log_in("root");
    assert_eq!(root.auth.get("/me").expect(200).json()["role"], "admin");
    assert_eq!(root.names(), ["Ada", "Bob"]);
    assert_eq!(root.record(id).expect(200).json(), json!({"weight": 70}));
    let _ = root.health.patch(&format!("/health/{id}"), &json!({"weight": 71})).expect(200);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 71}));
    root.delete_person(id);
    ada.record(id).expect_problem(404, "no-such-person");
    lab.grant("root", "user");
    assert!(lab.log_in("root").names().is_empty());
}

#[test]
fn key_is_rotated_by_adding_a_line_and_restarting() {
    let old_keys = tokens::KEY_FILE;
    let new_key = "new:8IMsmw--fxBqx4KdEPeAZOga6C_eZcmRO7KYitDUr2c\n";
    let mut lab = RunningLab::start();
    let old = lab.sign_up("ada");
    let id = old.create_measured_person("Ada", &json!({"weight": 70}));

    lab.restart_with_keys(&format!("{new_key}{old_keys}"));
    let _ = old.record(id).expect(200);
    let new = lab.log_in("ada");
    assert_eq!(tokens::read(&new.token).0["kid"], "new");
    let _ = new.record(id).expect(200);

    lab.restart_with_keys(new_key);
    let _ = new.record(id).expect(200);
    for (service, path) in protected(&old) {
        service.get(path).expect_problem(401, "invalid-token");
    }
}
