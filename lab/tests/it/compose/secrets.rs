//! Neither the repository nor Docker's output has a key that is accepted.

use std::fs;

use testkit::tokens::{self, KEY_FILE};

use super::stack::Stack;

/// Returns the key file of a stack. Only users with access to Docker can read it.
fn key(stack: &Stack) -> String {
    stack.compose(&["cp", "keys:/keys/jwt.keys", "copied.keys"]);
    fs::read_to_string(stack.path("copied.keys")).expect("the copy")
}

#[test]
fn each_stack_has_its_own_key_that_docker_does_not_show() {
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
    // Each stack refuses the tokens of the other.
    let ada = one.services().sign_up("ada");
    let _ = ada.person.get("/persons").expect(200);
    let stranger = two.services().with_token(&ada.token);
    let _ = stranger.person.get("/persons").expect_problem(401, "invalid-token");
}

#[test]
fn token_signed_with_the_test_key_is_refused() {
    let stack = Stack::up();
    let services = stack.services();
    // The only key in the repository is the one for tests.
    assert!(KEY_FILE.contains(':'));
    for user in [tokens::user("ada"), tokens::admin("ada")].map(|token| services.with_token(&token)) {
        let _ = user.auth.get("/me").expect_problem(401, "invalid-token");
        let _ = user.person.get("/persons").expect_problem(401, "invalid-token");
        let _ = user.record(1).expect_problem(401, "invalid-token");
    }
}
