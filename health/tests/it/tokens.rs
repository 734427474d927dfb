//! Nobody is let in without a good token, and person is not bothered with a bad one.

use testkit::{Say, tokens};

use crate::lab::{Lab, OPERATIONS, operate, record};

#[test]
fn without_a_token_every_operation_is_401_with_a_bare_challenge_and_person_is_not_asked() {
    let lab = Lab::new();
    let _ = lab.ada().post("/health/7", &record()).expect(201);
    lab.person.lookups();
    for method in OPERATIONS {
        let answer = lab.changing_nothing(|_| operate(&lab.anybody(), method, 7));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{method}");
        if *method != "HEAD" {
            answer.expect_problem(401, "missing-token");
        }
    }
    assert_eq!(lab.person.lookups().len(), 0);
}

#[test]
fn every_forgery_is_refused_on_every_operation_and_person_is_not_asked() {
    let lab = Lab::new();
    let _ = lab.ada().post("/health/7", &record()).expect(201);
    lab.person.lookups();
    let before = lab.content();
    let mut forgeries = tokens::forgeries();
    // The token by which health asks person for deletions opens nothing of health's.
    forgeries.push(("health's own", tokens::service()));
    for (name, token) in forgeries {
        let forger = lab.anybody().with_token(&token);
        for method in OPERATIONS {
            let answer = operate(&forger, method, 7);
            assert_eq!(answer.status, 401, "{name} on {method}: {}", answer.text());
            let challenge = answer.header("www-authenticate").expect("a challenge");
            assert!(
                challenge.contains("error=\"invalid_token\", error_description=\""),
                "{name} on {method}: {challenge}"
            );
        }
    }
    assert_eq!(lab.person.lookups().len(), 0);
    assert_eq!(lab.content(), before);
}

#[test]
fn two_authorization_headers_are_refused_and_person_is_not_asked() {
    let lab = Lab::new();
    let call = lab.ada().call("GET", "/health/7");
    let answer = call.header("Authorization", &format!("Bearer {}", tokens::user("eve"))).send();
    answer.expect_problem(401, "invalid-token");
    assert_eq!(lab.person.lookups().len(), 0);
}

#[test]
fn a_token_for_health_alone_is_good_here_and_person_has_the_last_word() {
    let lab = Lab::new();
    let mut claims = tokens::claims();
    claims["aud"] = "health".into();
    let token = tokens::forge(&tokens::header(), &claims, &tokens::secret());
    let somebody = lab.anybody().with_token(&token);
    let _ = somebody.post("/health/7", &record()).expect(201);
    lab.person.says(Say::status(401));
    somebody.get("/health/7").expect_problem(401, "invalid-token");
}
