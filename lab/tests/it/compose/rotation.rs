//! Rotating and retiring a signing key.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use testkit::{Client, StopOnDrop, eventually};

use crate::users::{Services, User};

use super::stack::Stack;

/// Uses a token at all three services until `stop` is set. A service that restarts may not answer.
fn use_token(user: &User, stop: &AtomicBool, used: &AtomicUsize) {
    let calls = [(&user.auth, "/me"), (&user.person, "/persons/1"), (&user.health, "/health/1")];
    while !stop.load(Ordering::SeqCst) {
        for (client, path) in calls {
            if let Ok(answer) = client.call("GET", path).try_send() {
                assert!([200, 503, 504].contains(&answer.status), "{path}: {}", answer.text());
                used.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Returns the id of the key that signs new tokens.
fn kid(services: Services) -> String {
    let token = services.log_in("ada").token;
    let (header, _) = testkit::tokens::read(&token);
    header["kid"].as_str().expect("a kid").to_owned()
}

#[test]
fn valid_tokens_are_accepted_during_a_rotation() {
    let stack = Stack::up();
    let services = stack.services();
    let old = services.sign_up("ada");
    old.create_measured_person("Ada", &serde_json::json!({"weight": 57}));
    let first = kid(services);
    let (stop, used) = (AtomicBool::new(false), AtomicUsize::new(0));
    let restart = |service: &str, address| {
        stack.compose(&["restart", service]);
        eventually("the service is ready again", || {
            Client::new(address).call("GET", "/readyz").try_send().ok().filter(|answer| answer.status == 200)
        });
        // All services accept the key that signs now.
        let new = services.log_in("ada");
        let _ = new.auth.get("/me").expect(200);
        let _ = new.record(1).expect(200);
        let since = used.load(Ordering::SeqCst);
        eventually("the old token is used", || (used.load(Ordering::SeqCst) > since + 3).then_some(()));
    };
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        scope.spawn(|| use_token(&old, &stop, &used));
        stack.compose(&["run", "--rm", "-T", "keys", "keygen", "--rotate", "/keys/jwt.keys"]);
        restart("person", services.person);
        restart("health", services.health);
        assert_eq!(kid(services), first);
        restart("auth", services.auth);
    });
    let second = kid(services);
    assert_ne!(second, first);
    stack.compose(&["run", "--rm", "-T", "keys", "keygen", "--retire", "/keys/jwt.keys"]);
    stack.compose(&["restart", "person", "health", "auth"]);
    stack.compose(&["up", "--wait"]);
    assert_eq!(kid(services), second);
    // The token itself has not expired.
    let _ = old.auth.get("/me").expect_problem(401, "invalid-token");
}
