//! A token that has expired stays out wherever the clock is set, and who logs in gets in.

use serde_json::json;
use testkit::{Answer, tokens};

use super::lab::{HOUR, Lab};

/// A token of Ada's that was issued so many seconds ago, by the true time.
fn issued_ago(seconds: i64) -> String {
    let mut claims = tokens::claims();
    let issued = tokens::now().saturating_add_signed(-seconds);
    (claims["iat"], claims["exp"]) = (json!(issued), json!(issued + 900));
    tokens::forge(&tokens::header(), &claims, &tokens::secret())
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
fn an_expired_token_stays_out_however_far_the_clock_is_set_back_and_a_good_one_stays_good() {
    let lab = Lab::new();
    let steps = i64::try_from(faults::scaled(6)).expect("few");
    for step in 1..=steps {
        let back = step * 2 * HOUR / steps + 900;
        // By the clock as it is about to be, this one is in the middle of its life.
        let old = issued_ago(back + 450);
        lab.clock.is_off_by(0);
        refused(lab.show(&old), "it has expired", "while the clock is right");
        lab.set_back(back);
        refused(lab.show(&old), "it has expired", &format!("{back} s back"));
        // The others do not notice: neither who is in, nor who comes.
        accepted(lab.show(&issued_ago(450)));
        accepted(lab.show(&lab.log_in()));
    }
    lab.clock.is_off_by(0);
    accepted(lab.show(&lab.log_in()));
    faults::report(
        "the clock is set back while the services run",
        &format!("{steps} jumps of 15 min to 2 h 15, an expired token at 3 services each"),
        "0 let in; tokens in hand and logins as before",
    );
}

#[test]
fn a_clock_that_runs_ahead_lets_nobody_in_whose_token_is_old_and_is_forgotten_once_it_is_right() {
    let lab = Lab::new();
    let rounds = faults::scaled(2);
    let expired = issued_ago(HOUR);
    for _ in 0..rounds {
        let before = lab.log_in();
        accepted(lab.show(&before));
        lab.clock.is_off_by(2 * HOUR);
        refused(lab.show(&before), "it has expired", "2 h ahead");
        refused(lab.show(&expired), "it has expired", "2 h ahead");
        let ahead = lab.log_in();
        accepted(lab.show(&ahead));
        lab.set_back(0);
        refused(lab.show(&ahead), "it is not valid yet", "right again");
        refused(lab.show(&expired), "it has expired", "right again");
        // By the time that has passed it is a few seconds old.
        accepted(lab.show(&before));
        accepted(lab.show(&lab.log_in()));
    }
    faults::report(
        "the clock jumps 2 h ahead and is set right",
        &format!("{rounds} times, old and new tokens at 3 services"),
        "0 expired tokens let in, ahead or after; logins work ahead and after",
    );
}
