//! The rule, seen from person: is it asked before every operation, how often, and how?

use fake_person::RecordedRequest;

use super::health_routes::has_no_patch;
use super::lab;
use super::rule_stores::operate;
use crate::check::{Area::Rule, Check, Level::Expected, Level::Required, Level::Robust, Stop, ensure, skip};
use crate::http::Exchange;
use crate::subject::{PersonState, Subject};
use crate::text::{Text, said, text};

const OPERATIONS: [&str; 4] = ["GET", "PUT", "POST", "DELETE"];

const WHY: Text = text(
    "The lab says every operation. Person may have deleted the person a moment ago, or this caller may not \
     see them.",
    "Le sujet dit : chaque opération. Person peut avoir supprimé la personne à l'instant, ou ne pas \
     autoriser cet appelant.",
);
const MEND: Text = text(
    "Ask person in one place that every route goes through, so that none can be forgotten.",
    "Interrogez person à un seul endroit par lequel passent toutes les routes : aucune ne peut être oubliée.",
);
const FLASK: &str = concat!(
    "@app.before_request\n",
    "def check(): ...  # requests.get(f\"{PERSON_URL}/persons/{id}\", timeout=1)"
);

const NEVER_ASKS: Text = text(
    "health never asks person: see `rule-asks-get`",
    "health n'interroge jamais person : voir `rule-asks-get`",
);

macro_rules! asks {
    ($id:literal, $method:literal, $level:expr) => {
        Check {
            id: $id,
            area: Rule,
            level: $level,
            lab: &lab::ASKS_FIRST,
            title: text(
                concat!($method, " /health/{id} asks person before it answers"),
                concat!($method, " /health/{id} interroge person avant de répondre"),
            ),
            why: WHY,
            mend: MEND,
            flask: FLASK,
            run: |s| {
                let (came, calls) = operated(s, $method)?;
                ensure(
                    !calls.is_empty(),
                    said(
                        format!("{}: answered without person being asked", came.sent()),
                        format!("{} : répondu sans interroger person", came.sent()),
                    ),
                )
            },
        }
    };
}

pub(super) const CHECKS: &[Check] = &[
    asks!("rule-asks-get", "GET", Required),
    asks!("rule-asks-post", "POST", Required),
    asks!("rule-asks-put", "PUT", Required),
    asks!("rule-asks-delete", "DELETE", Required),
    asks!("rule-asks-patch", "PATCH", Robust),
    Check {
        id: "rule-asks-once",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text(
            "each operation asks person exactly once",
            "chaque opération interroge person exactement une fois",
        ),
        why: text(
            "Each call costs time and can fail. Asked twice, person may say two things.",
            "Chaque appel coûte du temps et peut échouer. Interrogé deux fois, person peut dire deux choses.",
        ),
        mend: text(
            "Ask once, at the start, and keep the answer for this one request.",
            "Interrogez une fois, au début, et gardez la réponse pour cette seule requête.",
        ),
        flask: "g.person = r.json()  # in before_request",
        run: |s| {
            each_asked(s, |method, calls| {
                let times = calls.len();
                ensure(
                    times == 1,
                    said(
                        format!("{method} asked person {times} times"),
                        format!("{method} a interrogé person {times} fois"),
                    ),
                )
            })
        },
    },
    Check {
        id: "rule-asks-by-get",
        area: Rule,
        level: Expected,
        lab: &lab::ASKS_FIRST,
        title: text("person is asked by GET or HEAD", "person est interrogé par GET ou HEAD"),
        why: text(
            "GET is safe: it changes nothing and may be tried again (RFC 9110, 9.2.1). To ask by POST may \
             create somebody.",
            "GET est sûr : il ne change rien et peut être répété (RFC 9110, 9.2.1). Demander par POST peut \
             créer quelqu'un.",
        ),
        mend: text("Ask by GET /persons/{id}.", "Interrogez par GET /persons/{id}."),
        flask: "requests.get(f\"{PERSON_URL}/persons/{id}\", timeout=1)",
        run: |s| {
            each_asked(s, |method, calls| {
                let other = calls.iter().find(|call| !matches!(&call.method[..], "GET" | "HEAD"));
                let other = other.map(|call| call.method.clone()).unwrap_or_default();
                ensure(
                    other.is_empty(),
                    said(
                        format!("{method} asked person by {other}"),
                        format!("{method} a interrogé person par {other}"),
                    ),
                )
            })
        },
    },
    Check {
        id: "rule-token-passed-on",
        area: Rule,
        level: Expected,
        lab: &lab::TOKENS,
        title: text(
            "health passes the caller's token on to person",
            "health transmet à person le jeton de l'appelant",
        ),
        why: text(
            "So person decides existence and access in one answer. Without it person must let health in \
             unasked, and then anybody who says they are health.",
            "Person décide ainsi de l'existence et de l'accès en une réponse. Sans lui, person doit \
             laisser entrer health sans jeton, donc n'importe qui se disant health.",
        ),
        mend: text(
            "Copy the header line that carries the token into the call to person.",
            "Recopiez l'en-tête qui porte le jeton dans l'appel à person.",
        ),
        flask: "headers={\"Authorization\": request.headers[\"Authorization\"]}",
        run: |s| {
            let token = s.token()?.value.clone();
            each_asked(s, |method, calls| {
                let carries = calls.iter().all(|call| call.carries(&token));
                ensure(
                    carries,
                    said(
                        format!("{method} asked person without the token"),
                        format!("{method} a interrogé person sans le jeton"),
                    ),
                )
            })
        },
    },
];

/// Does an operation that goes well, and gives the calls that person got for it.
fn operated(s: &mut Subject, method: &str) -> Result<(Exchange, Vec<RecordedRequest>), Stop> {
    s.set_person(PersonState::Healthy)?;
    let id = if method == "POST" { s.somebody()? } else { s.new_record()? };
    s.will_have_a_record(&id);
    let _ = s.person_requests();
    let came = operate(s, method, &id)?;
    let mut calls = s.person_requests();
    if method == "PATCH" && has_no_patch(came.status()) {
        return skip(text("this version has no PATCH", "cette version n'a pas de PATCH"));
    }
    calls.retain(|call| call.is_about(&id) || call.is_list());
    Ok((came, calls))
}

/// Looks at the calls of every operation that makes any; the others have checks of their own.
fn each_asked(
    s: &mut Subject,
    look: impl Fn(&str, &[RecordedRequest]) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut asked = false;
    for method in OPERATIONS.into_iter().chain(["PATCH"]) {
        let calls = match operated(s, method) {
            // There need not be one.
            Err(Stop::Skipped(_)) if method == "PATCH" => continue,
            operated => operated?.1,
        };
        if !calls.is_empty() {
            asked = true;
            look(method, &calls)?;
        }
    }
    if asked { Ok(()) } else { skip(NEVER_ASKS) }
}

/// An operation before which health asks person, and somebody to do it to: with another operation nothing would show
/// of what health does with the answer.
pub(super) fn asking_about_somebody(s: &mut Subject) -> Result<(&'static str, String), Stop> {
    s.set_person(PersonState::Healthy)?;
    for method in OPERATIONS {
        if s.asks_on.is_none() && !operated(s, method)?.1.is_empty() {
            s.asks_on = Some(method);
        }
    }
    let Some(method) = s.asks_on else { return skip(NEVER_ASKS) };
    let id = if method == "POST" { s.somebody()? } else { s.new_record()? };
    s.will_have_a_record(&id);
    Ok((method, id))
}

/// Does such an operation while person behaves like this.
pub(super) fn operate_while(s: &mut Subject, person: PersonState) -> Result<Exchange, Stop> {
    let (method, id) = asking_about_somebody(s)?;
    s.set_person(person)?;
    operate(s, method, &id)
}
