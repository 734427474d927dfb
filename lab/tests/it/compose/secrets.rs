//! Nobody gets in by what stands in the repository, or by what Docker shows.

use std::fs;

use serde_json::json;
use testkit::Client;
use testkit::tokens::{self, KEY_FILE};

use super::stack::Stack;

/// The key of a stack, as only who may use Docker on this machine gets it.
fn key(stack: &Stack) -> String {
    stack.compose(&["cp", "keys:/keys/jwt.keys", "copied.keys"]);
    fs::read_to_string(stack.path("copied.keys")).expect("it was copied")
}

#[test]
fn each_stack_has_a_key_of_its_own_that_docker_does_not_show() {
    let (one, two) = (Stack::up(), Stack::up());
    let (key, other) = (key(&one), key(&two));
    assert_ne!(key, other);
    let secret = key.trim().split_once(':').expect("kid:key").1;
    assert!(secret.len() >= 43, "{} characters", secret.len());
    for service in ["auth", "person", "health", "keys"] {
        let shown = [
            one.inspect(service).to_string(),
            one.inspect_image(service).to_string(),
            one.compose(&["logs", service]).out,
        ];
        assert!(shown.iter().all(|text| !text.contains(secret)), "{service}");
    }
    assert!(!one.compose(&["config"]).out.contains(secret));
    // What one signs the other refuses.
    let ada = one.services().sign_up("ada");
    let _ = ada.person.get("/persons").expect(200);
    let stranger = two.services().with_token(&ada.token);
    let _ = stranger.person.get("/persons").expect_problem(401, "invalid-token");
}

#[test]
fn no_key_of_the_repository_signs_a_token_that_is_accepted() {
    let stack = Stack::up();
    let services = stack.services();
    // The one key that stands in the repository: that of the tests.
    assert!(KEY_FILE.contains(':'));
    for user in [tokens::user("ada"), tokens::admin("ada")].map(|token| services.with_token(&token)) {
        let _ = user.auth.get("/me").expect_problem(401, "invalid-token");
        let _ = user.person.get("/persons").expect_problem(401, "invalid-token");
        let _ = user.record(1).expect_problem(401, "invalid-token");
    }
}

#[test]
fn a_new_stack_knows_no_user() {
    let stack = Stack::up();
    let auth = Client::new(stack.services().auth);
    for name in ["admin", "root", "ada", "user", "test"] {
        for password in ["admin", "password", "analytical engine", "correct horse"] {
            // Nobody is logged in; past some tries nobody is even looked at.
            let answer = auth.post("/login", &json!({"username": name, "password": password}));
            assert!([401, 429].contains(&answer.status), "{}", answer.text());
        }
    }
}
