//! A request without a valid token is rejected, and makes no lookup.

use testkit::{Response, tokens};

use crate::harness::{HealthService, OPERATIONS, operate, record};

#[test]
fn missing_token_is_401_without_a_lookup() {
    let health = HealthService::with_record();
    for method in OPERATIONS {
        let answer = health.changing_nothing(|_| operate(&health.anybody(), method, 7));
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"mini-projet\""), "{method}");
        if *method != "HEAD" {
            answer.expect_problem(401, "missing-token");
        }
    }
    assert_eq!(health.person.lookups().len(), 0);
}

#[test]
fn forged_token_is_401_without_a_lookup() {
    let health = HealthService::with_record();
    let before = health.content();
    let mut forgeries = tokens::forgeries();
    // The token with which health reads person's feed of deletions gives no access to health.
    forgeries.push(("health's own", tokens::service()));
    for (name, token) in forgeries {
        let forger = health.anybody().with_token(&token);
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
    assert_eq!(health.person.lookups().len(), 0);
    assert_eq!(health.content(), before);
}

#[test]
fn token_for_health_alone_is_401_if_person_rejects_it() {
    let health = HealthService::new();
    let mut claims = tokens::claims();
    claims["aud"] = "health".into();
    let token = tokens::forge(&tokens::header(), &claims, &tokens::secret());
    let somebody = health.anybody().with_token(&token);
    let _ = somebody.post("/health/7", &record()).expect(201);
    health.person.says(Response::status(401));
    somebody.get("/health/7").expect_problem(401, "invalid-token");
}
