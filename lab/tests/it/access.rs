//! Who is let in where: person decides, and health says the same.

use serde_json::json;
use testkit::{Client, tokens};

use crate::lab::Lab;
use crate::users::User;

/// A path of each service that wants a token.
fn doors(user: &User) -> [(&Client, &'static str); 3] {
    [(&user.auth, "/me"), (&user.person, "/persons"), (&user.health, "/health/1")]
}

#[test]
fn a_token_of_auth_opens_all_three_services_and_without_one_all_are_closed() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    ada.create_measured_person("Ada", &json!({"weight": 70}));
    for (service, path) in doors(&ada) {
        let _ = service.get(path).expect(200);
    }
    for (service, (_, path)) in lab.strangers().iter().zip(doors(&ada)) {
        let answer = service.get(path).expect_problem(401, "missing-token");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{path}");
    }
}

#[test]
fn a_forged_token_opens_none() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    ada.create_person("Ada");
    let (signed, _) = ada.token.rsplit_once('.').expect("a signature");
    let mut forgeries = tokens::forgeries();
    forgeries.push(("the token of a service", tokens::service()));
    forgeries.push(("a good token without its signature", format!("{signed}.")));
    for (name, token) in forgeries {
        for (service, path) in doors(&lab.with_token(&token)) {
            let answer = service.get(path);
            assert_eq!(answer.status, 401, "{name} at {path}: {}", answer.text());
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(challenge.contains("error=\"invalid_token\""), "{name} at {path}: {challenge}");
        }
    }
}

#[test]
fn somebody_else_is_refused_by_person_and_by_health_alike() {
    let lab = Lab::new();
    let (ada, bob) = (lab.sign_up("ada"), lab.sign_up("bob"));
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    let path = format!("/persons/{id}");
    for answer in
        [bob.person.get(&path), bob.person.put(&path, &json!({"name": "Bob"})), bob.person.delete(&path)]
    {
        answer.expect_problem(403, "insufficient-scope");
    }
    for answer in bob.try_everything_on_record(id) {
        let answer = answer.expect_problem(403, "insufficient-scope");
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
    }
    assert!(bob.names().is_empty());
    assert_eq!(ada.names(), ["Ada"]);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 70}));
}

#[test]
fn an_administrator_sees_and_changes_everybody() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70}));
    lab.sign_up("bob").create_person("Bob");
    let root = lab.sign_up_admin("root");
    assert_eq!(root.auth.get("/me").expect(200).json()["role"], "admin");
    assert_eq!(root.names(), ["Ada", "Bob"]);
    assert_eq!(root.record(id).expect(200).json(), json!({"weight": 70}));
    let _ = root.health.patch(&format!("/health/{id}"), &json!({"weight": 71})).expect(200);
    assert_eq!(ada.record(id).expect(200).json(), json!({"weight": 71}));
    root.delete_person(id);
    ada.record(id).expect_problem(404, "no-such-person");
}

#[test]
fn a_role_is_that_of_the_login_and_can_be_taken_back() {
    let lab = Lab::new();
    lab.sign_up("ada").create_person("Ada");
    let before = lab.sign_up("root");
    lab.grant("root", "admin");
    before.person.get("/persons/1").expect_problem(403, "insufficient-scope");
    assert_eq!(lab.log_in("root").names(), ["Ada"]);
    lab.grant("root", "user");
    assert!(lab.log_in("root").names().is_empty());
}

#[test]
fn a_key_is_rotated_by_adding_a_line_and_restarting() {
    let old_keys = tokens::KEY_FILE;
    let new_key = "new:8IMsmw--fxBqx4KdEPeAZOga6C_eZcmRO7KYitDUr2c\n";
    let mut lab = Lab::new();
    let old = lab.sign_up("ada");
    let id = old.create_measured_person("Ada", &json!({"weight": 70}));

    lab.restart_with_keys(&format!("{new_key}{old_keys}"));
    let _ = old.record(id).expect(200);
    let new = lab.log_in("ada");
    assert_eq!(tokens::read(&new.token).0["kid"], "new");
    let _ = new.record(id).expect(200);

    lab.restart_with_keys(new_key);
    let _ = new.record(id).expect(200);
    for (service, path) in doors(&old) {
        service.get(path).expect_problem(401, "invalid-token");
    }
}
