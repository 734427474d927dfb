//! The rule between the services: health asks person before each operation, and continues only on 200.

use fake_person::{RecordedRequest, Response};

use super::health::{must_hold, skip_without_patch};
use super::lab::{ASKS_FIRST, PERSON_EXISTS, TOKENS};
use crate::check::{Area::Rule, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::outcome::{Stop, ensure, fail, skip};
use crate::person::PersonState::{self, Down, Healthy, Responds};
use crate::shape::{health_path, holds};
use crate::subject::Subject;
use crate::subject::route::Route;
use crate::text::{Lang, Text, formatted, text};

const OPERATIONS: [&str; 4] = ["GET", "PUT", "POST", "DELETE"];
const NEVER_ASKS: Text = text(
    "health never asks person: see `rule-asks-get`",
    "le service Santé n'interroge jamais le service Personne : voir `rule-asks-get`",
);

/// The requests that person receives.
pub(super) const LOOKUPS: &[Check] = &[
    check("rule-asks-get", Rule, Required, &ASKS_FIRST, |s| asks_first(s, "GET")),
    check("rule-asks-post", Rule, Required, &ASKS_FIRST, |s| asks_first(s, "POST")),
    check("rule-asks-put", Rule, Required, &ASKS_FIRST, |s| asks_first(s, "PUT")),
    check("rule-asks-delete", Rule, Required, &ASKS_FIRST, |s| asks_first(s, "DELETE")),
    check("rule-asks-patch", Rule, Robust, &ASKS_FIRST, |s| asks_first(s, "PATCH")),
    check("rule-asks-once", Rule, Robust, &ASKS_FIRST, |s| {
        each_operation(s, |method, lookups| {
            let times = lookups.len();
            ensure(
                times == 1,
                formatted(
                    format!("{method} asked person {times} times"),
                    format!("{method} a interrogé le service Personne {times} fois"),
                ),
            )
        })
    }),
    check("rule-asks-by-get", Rule, Expected, &ASKS_FIRST, |s| {
        each_operation(s, |method, lookups| {
            let Some(write) = lookups.iter().find(|lookup| is_write(lookup)) else { return Ok(()) };
            fail(formatted(
                format!("{method} asked person by {}", write.method),
                format!("{method} a interrogé le service Personne par {}", write.method),
            ))
        })
    }),
    check("rule-token-passed-on", Rule, Expected, &TOKENS, |s| {
        let token = s.token()?.value.clone();
        each_operation(s, |method, lookups| {
            ensure(
                lookups.iter().all(|lookup| lookup.carries(&token)),
                formatted(
                    format!("{method} asked person without the token"),
                    format!("{method} a interrogé le service Personne sans le jeton"),
                ),
            )
        })
    }),
];

/// What health does if person answers another status than 200.
pub(super) const STATUSES: &[Check] = &[
    check("rule-on-404", Rule, Required, &ASKS_FIRST, |s| stops_while(s, PersonState::status(404))),
    check("rule-on-500", Rule, Required, &ASKS_FIRST, |s| stops_while(s, PersonState::status(500))),
    check("rule-on-204", Rule, Required, &ASKS_FIRST, |s| stops_while(s, PersonState::status(204))),
    check("rule-on-redirect", Rule, Robust, &ASKS_FIRST, |s| stops_while(s, PersonState::redirect())),
    check("rule-on-another-person", Rule, Robust, &ASKS_FIRST, |s| {
        stops_while(s, Responds(Response::body(r#"{"id": 424242, "name": "Somebody else"}"#)))
    }),
    check("rule-500-is-502", Rule, Robust, &ASKS_FIRST, |s| {
        operate_while(s, PersonState::status(500))?.must_be(&[502, 503])
    }),
    check("rule-401-passed-on", Rule, Expected, &TOKENS, |s| {
        s.token()?;
        operate_while(s, PersonState::status(401))?.must_be(&[401])
    }),
    check("rule-403-passed-on", Rule, Expected, &TOKENS, |s| {
        s.token()?;
        operate_while(s, PersonState::status(403))?.must_be(&[403])
    }),
];

/// What health does if person does not answer, or answers nonsense.
pub(super) const FAILURES: &[Check] = &[
    // This check comes first: a version that does not recover cannot pass any check after it.
    check("rule-recovers", Rule, Expected, &ASKS_FIRST, |s| {
        let (method, id) = asking_operation(s)?;
        s.set_person(Down)?;
        operate(s, method, &id)?;
        s.set_person(Healthy)?;
        operate(s, method, &id)?.must_be_ok()
    }),
    check("rule-on-refusal", Rule, Required, &ASKS_FIRST, |s| stops_while(s, Down)),
    check("rule-on-close", Rule, Required, &ASKS_FIRST, |s| stops_while(s, Responds(Response::Close))),
    check("rule-on-garbage", Rule, Required, &ASKS_FIRST, |s| stops_while(s, PersonState::garbage())),
    check("rule-down-not-404", Rule, Expected, &PERSON_EXISTS, |s| answers_other_than(s, 404)),
    check("rule-down-not-500", Rule, Expected, &ASKS_FIRST, |s| answers_other_than(s, 500)),
    check("rule-down-503", Rule, Robust, &ASKS_FIRST, |s| operate_while(s, Down)?.must_be(&[503, 502])),
    check("rule-retry-after", Rule, Robust, &ASKS_FIRST, |s| {
        let exchange = operate_while(s, Down)?;
        if exchange.status() != Some(503) {
            return skip(text(
                "health did not answer 503: see `rule-down-503`",
                "le service Santé n'a pas donné de 503 : voir `rule-down-503`",
            ));
        }
        exchange.must_have("Retry-After")
    }),
    check("rule-timeout", Rule, Robust, &ASKS_FIRST, |s| answers_while(s, Responds(Response::Hang))),
    check("rule-late-504", Rule, Robust, &ASKS_FIRST, |s| {
        operate_while(s, Responds(Response::Hang))?.must_be(&[504])
    }),
    check("rule-drip", Rule, Robust, &ASKS_FIRST, |s| answers_while(s, Responds(Response::Drip))),
];

/// Performs one operation on a person's record, with a body if the method has one.
pub(super) fn operate(s: &Subject, method: &str, id: &str) -> Result<Exchange, Stop> {
    let request = s.health(method, &health_path(id))?;
    Ok(match method {
        "POST" | "PUT" => request.json(s.record_weighing(71.25)).send(),
        "PATCH" => request.json(s.only_weight(71.25)).send(),
        _ => request.send(),
    })
}

/// Returns the id of a person for whom this operation can succeed.
fn target_of(s: &mut Subject, method: &str) -> Result<String, Stop> {
    if method == "POST" { s.someone() } else { s.new_record() }
}

/// Performs an operation that can succeed, and returns the lookups that person received for it.
fn operate_normally(s: &mut Subject, method: &str) -> Result<(Exchange, Vec<RecordedRequest>), Stop> {
    s.set_person(Healthy)?;
    let id = target_of(s, method)?;
    let _ = s.person_requests();
    let exchange = operate(s, method, &id)?;
    let mut lookups = s.person_requests();
    if method == "PATCH" {
        skip_without_patch(&exchange)?;
    }
    lookups.retain(|lookup| lookup.is_about(&id) || lookup.is_list());
    Ok((exchange, lookups))
}

fn asks_first(s: &mut Subject, method: &str) -> Result<(), Stop> {
    let (exchange, lookups) = operate_normally(s, method)?;
    if lookups.is_empty() {
        if !exchange.is_ok() {
            let [en, fr] = [Lang::En, Lang::Fr].map(|lang| exchange.response_line(lang, 40));
            return skip(formatted(
                format!("{method} did not succeed ({en}), so that nothing shows whether health asks"),
                format!("{method} n'a pas réussi ({fr}) : rien ne montre si le service Santé interroge"),
            ));
        }
        return exchange
            .wrong("answered without asking person", "répondu sans interroger le service Personne");
    }
    Ok(())
}

/// Looks at the lookups of every operation that has any; `rule-asks-…` reports operations without lookups.
fn each_operation(
    s: &mut Subject,
    look: impl Fn(&str, &[RecordedRequest]) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut asks = false;
    for method in OPERATIONS.into_iter().chain(["PATCH"]) {
        let lookups = match operate_normally(s, method) {
            // PATCH is optional.
            Err(Stop::Skipped(_)) if method == "PATCH" => continue,
            operated => operated?.1,
        };
        if !lookups.is_empty() {
            asks = true;
            look(method, &lookups)?;
        }
    }
    if asks { Ok(()) } else { skip(NEVER_ASKS) }
}

/// Returns the operations for which health asks person. Others would not show how health handles person's answer, and
/// `rule-asks-…` reports them.
fn asking_operations(s: &mut Subject) -> Result<Vec<&'static str>, Stop> {
    s.set_person(Healthy)?;
    if s.asks_on.is_none() {
        let mut asking = Vec::new();
        for method in OPERATIONS {
            let works = Route::of_health(method).is_none_or(|route| s.must_work(route).is_ok());
            if works && !operate_normally(s, method)?.1.is_empty() {
                asking.push(method);
            }
        }
        s.asks_on = Some(asking);
    }
    let asking = s.asks_on.clone().unwrap_or_default();
    if asking.is_empty() { skip(NEVER_ASKS) } else { Ok(asking) }
}

/// Returns one of these operations, and a person's id for it.
fn asking_operation(s: &mut Subject) -> Result<(&'static str, String), Stop> {
    let method = asking_operations(s)?[0];
    Ok((method, target_of(s, method)?))
}

/// Performs such an operation while person is in this state.
fn operate_while(s: &mut Subject, person: PersonState) -> Result<Exchange, Stop> {
    let (method, id) = asking_operation(s)?;
    s.set_person(person)?;
    operate(s, method, &id)
}

/// Fails unless health refuses every operation that asks while person is in this state, and leaves its store unchanged.
fn stops_while(s: &mut Subject, person: PersonState) -> Result<(), Stop> {
    let asking = asking_operations(s)?;
    let (known, fresh) = (s.new_record()?, s.someone()?);
    s.set_person(person)?;
    for (method, id) in [("GET", &known), ("POST", &fresh), ("PUT", &known), ("DELETE", &known)] {
        if asking.contains(&method) {
            operate(s, method, id)?.must_not_be_ok()?;
        }
    }
    s.set_person(Healthy)?;
    must_hold(s, &known, &s.record())?;
    let read = s.health("GET", &health_path(&fresh))?.send();
    let is_there = read.json().is_some_and(|body| holds(&body, &s.only_weight(71.25)));
    read.must(!is_there, "no record from the refused POST", "rien d'enregistré par le POST refusé")
}

/// Fails if health answers this status while person is down, or does not answer.
fn answers_other_than(s: &mut Subject, status: u16) -> Result<(), Stop> {
    let exchange = operate_while(s, Down)?;
    exchange.must(
        exchange.status().is_some_and(|answered| answered != status),
        &format!("a response, and not {status}"),
        &format!("une réponse, et pas {status}"),
    )
}

/// Fails unless health answers in time.
fn answers_while(s: &mut Subject, person: PersonState) -> Result<(), Stop> {
    let exchange = operate_while(s, person)?;
    exchange.must(exchange.status().is_some(), "any response", "une réponse, quelle qu'elle soit")
}

pub(super) fn is_write(request: &RecordedRequest) -> bool {
    !matches!(&request.method[..], "GET" | "HEAD")
}
