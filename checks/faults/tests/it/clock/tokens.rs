//! An expired token is refused however the clock is set, and logins go on.

use faults::services::Services;
use faults::{report, scaled};
use serde_json::{Value, json};
use testkit::{Answer, tokens};

use super::wall_clock::{HOUR, PASSWORD, WallClock, await_earlier_time, credentials, log_in};

/// The three services with one clock, and Ada's account, person and health record.
struct ClockedServices {
    clock: WallClock,
    services: Services,
    /// The id of Ada's account.
    uid: Value,
}

impl ClockedServices {
    fn start() -> Self {
        let clock = WallClock::new();
        let services = Services::start(|dir| clock.rules(dir));
        let _ = services.auth.client.post("/register", &credentials(PASSWORD)).expect(201);
        let mut clocked = Self { clock, services, uid: Value::Null };
        let token = clocked.log_in();
        clocked.uid = tokens::read(&token).1["uid"].clone();
        let Services { person, health, .. } = &clocked.services;
        let _ = person.client.with_token(&token).post("/persons", &json!({"name": "Ada"})).expect(201);
        let _ = health.client.with_token(&token).post("/health/1", &json!({"weight": 57.5})).expect(201);
        clocked
    }

    /// Sets the clock back, and waits until each service reads the earlier time.
    fn set_back(&self, offset: i64) {
        self.clock.set(offset);
        self.services.all().into_iter().for_each(await_earlier_time);
    }

    /// Sends this token to each service, and returns the answers.
    fn show(&self, token: &str) -> [Answer; 3] {
        let Services { auth, person, health } = &self.services;
        let routes = [(auth, "/me"), (person, "/persons/1"), (health, "/health/1")];
        routes.map(|(service, path)| service.client.with_token(token).get(path))
    }

    /// Returns a token for Ada.
    fn log_in(&self) -> String {
        let answer = log_in(&self.services.auth.client, PASSWORD).expect(200);
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    /// Returns a token for Ada that was issued this many seconds ago, by the true time.
    fn issued_ago(&self, seconds: i64) -> String {
        let mut claims = tokens::claims();
        let issued = tokens::now().saturating_add_signed(-seconds);
        claims["uid"] = self.uid.clone();
        (claims["iat"], claims["exp"]) = (json!(issued), json!(issued + 900));
        tokens::forge(&tokens::header(), &claims, &tokens::secret())
    }
}

#[track_caller]
fn refused(answers: [Answer; 3], reason: &str, when: &str) {
    for answer in answers {
        let answer = answer.expect_problem(401, "invalid-token");
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.contains(reason), "{when}: {challenge}");
    }
}

#[track_caller]
fn accepted(answers: [Answer; 3]) {
    for answer in answers {
        let _ = answer.expect(200);
    }
}

#[test]
fn expired_tokens_stay_refused_when_the_clock_goes_back() {
    let clocked = ClockedServices::start();
    let steps = i64::try_from(scaled(6)).expect("few");
    for step in 1..=steps {
        let back = step * 2 * HOUR / steps + 900;
        // After the clock is set back, this token is in the middle of its lifetime by the clock.
        let old = clocked.issued_ago(back + 450);
        clocked.clock.set(0);
        refused(clocked.show(&old), "it has expired", "while the clock is right");
        clocked.set_back(-back);
        refused(clocked.show(&old), "it has expired", &format!("{back} s back"));
        accepted(clocked.show(&clocked.issued_ago(450)));
        accepted(clocked.show(&clocked.log_in()));
    }
    clocked.clock.set(0);
    accepted(clocked.show(&clocked.log_in()));
    report(
        "the clock is set back while the services run",
        &format!("{steps} jumps of 15 min to 2 h 15, an expired token at 3 services each"),
        "0 accepted; valid tokens and logins still work",
    );
}

#[test]
fn a_clock_that_was_ahead_leaves_no_trace_once_corrected() {
    let clocked = ClockedServices::start();
    let rounds = scaled(2);
    let expired = clocked.issued_ago(HOUR);
    for _ in 0..rounds {
        let before = clocked.log_in();
        accepted(clocked.show(&before));
        clocked.clock.set(2 * HOUR);
        refused(clocked.show(&before), "it has expired", "2 h ahead");
        refused(clocked.show(&expired), "it has expired", "2 h ahead");
        let ahead = clocked.log_in();
        accepted(clocked.show(&ahead));
        clocked.set_back(0);
        refused(clocked.show(&ahead), "it is not valid yet", "corrected");
        refused(clocked.show(&expired), "it has expired", "corrected");
        // By elapsed time this token is a few seconds old.
        accepted(clocked.show(&before));
        accepted(clocked.show(&clocked.log_in()));
    }
    report(
        "the clock jumps 2 h ahead and back",
        &format!("{rounds} times, old and new tokens at 3 services"),
        "0 expired tokens accepted; logins work during and after",
    );
}
