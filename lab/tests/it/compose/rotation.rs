//! A signing key is rotated and retired, and no valid token is refused on the way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use testkit::{Client, eventually};

use crate::users::{Services, User};
use crate::writers::Told;

use super::stack::Stack;

/// Uses a token at all three services until told to stop; a service that is just restarting does not answer.
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

/// The key that signs now, by the `kid` of a new token.
fn kid(services: Services) -> String {
    let token = services.log_in("ada").token;
    let (header, _) = testkit::tokens::read(&token);
    header["kid"].as_str().expect("a kid").to_owned()
}

#[test]
fn no_valid_token_is_refused_while_the_key_is_rotated() {
    let stack = Stack::up();
    let services = stack.services();
    let old = services.sign_up("ada");
    old.create_measured_person("Ada", &serde_json::json!({"weight": 57}));
    let first = kid(services);
    let (stop, used) = (AtomicBool::new(false), AtomicUsize::new(0));
    let restart = |service: &str, address| {
        stack.compose(&["restart", service]);
        eventually("it is ready again", || {
            Client::new(address).call("GET", "/readyz").try_send().ok().filter(|answer| answer.status == 200)
        });
        // Whatever signs now is accepted everywhere.
        let new = services.log_in("ada");
        let _ = new.auth.get("/me").expect(200);
        let _ = new.record(1).expect(200);
        let since = used.load(Ordering::SeqCst);
        eventually("the old token is used", || (used.load(Ordering::SeqCst) > since + 3).then_some(()));
    };
    thread::scope(|scope| {
        let _told = Told(&stop);
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
    // Had it been fifteen minutes, the token would not be valid any more.
    let _ = old.auth.get("/me").expect_problem(401, "invalid-token");
}
