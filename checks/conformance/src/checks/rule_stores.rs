//! The rule as it shows from outside, whoever plays person: health knows only whom person knows.

use super::lab;
use crate::check::{Area::Rule, Check, Level::Required, Stop, ensure};
use crate::http::Exchange;
use crate::subject::{Subject, health_path};
use crate::text::{Text, said, text};

const MEND: Text = text(
    "Ask person in one place that every route goes through, before anything else is done, and answer 404 \
     when it says 404.",
    "Interrogez person à un seul endroit par lequel passent toutes les routes, avant toute autre chose, et \
     répondez 404 s'il dit 404.",
);
const FLASK: &str = concat!(
    "@app.before_request\n",
    "def check():\n",
    "    r = requests.get(f\"{PERSON_URL}/persons/{request.view_args['id']}\", timeout=1)\n",
    "    if r.status_code == 404: abort(404, \"no such person\")"
);

macro_rules! missing {
    ($id:literal, $method:literal, $why:expr) => {
        Check {
            id: $id,
            area: Rule,
            level: Required,
            lab: &lab::ASKS_FIRST,
            title: text(
                concat!($method, " /health/{id} of a person who does not exist is a 404"),
                concat!($method, " /health/{id} d'une personne inexistante donne 404"),
            ),
            why: $why,
            mend: MEND,
            flask: FLASK,
            run: |s| operate(s, $method, s.nobody())?.must_be(&[404]),
        }
    };
}

pub(super) const CHECKS: &[Check] = &[
    missing!(
        "rule-missing-get",
        "GET",
        text(
            "Whether somebody exists is for person to say, also where health holds nothing of them.",
            "C'est à person de dire qui existe, même si health ne garde rien de cette personne.",
        )
    ),
    missing!(
        "rule-missing-post",
        "POST",
        text(
            "Else health holds records of nobody, and whoever gets that id later gets the record too.",
            "Sinon health garde des fiches de personne, et qui recevra cet id plus tard recevra la fiche \
             avec.",
        )
    ),
    missing!(
        "rule-missing-put",
        "PUT",
        text(
            "A check on POST alone leaves the way through PUT open.",
            "Une vérification sur POST seul laisse PUT grand ouvert.",
        )
    ),
    missing!(
        "rule-missing-delete",
        "DELETE",
        text(
            "The lab says every operation; one that skips the rule is the one that will be abused.",
            "Le sujet dit : chaque opération ; celle qui saute la règle est celle dont on abusera.",
        )
    ),
    Check {
        id: "rule-creates-nobody",
        area: Rule,
        level: Required,
        lab: &lab::NEVER_CREATES,
        title: text("health creates no person", "health ne crée aucune personne"),
        why: text(
            "Two services that create persons have two truths about who exists.",
            "Deux services qui créent des personnes ont deux vérités sur qui existe.",
        ),
        mend: text(
            "Where person says 404, answer 404; never POST to person from health.",
            "Si person dit 404, répondez 404 ; n'envoyez jamais de POST à person depuis health.",
        ),
        flask: "# in health: requests.get only",
        run: |s| {
            let nobody = s.nobody();
            let _ = s.person_requests();
            for method in ["POST", "PUT"] {
                operate(s, method, nobody)?;
            }
            if !s.is_person_fake() {
                return s.person("GET", &format!("/persons/{nobody}"))?.send().must_be(&[404]);
            }
            let writes =
                s.person_requests().into_iter().find(|call| !matches!(&call.method[..], "GET" | "HEAD"));
            let written = writes.map(|call| format!("{} {}", call.method, call.target)).unwrap_or_default();
            ensure(
                written.is_empty(),
                said(format!("health sent person {written}"), format!("health a envoyé à person {written}")),
            )
        },
    },
    Check {
        id: "rule-not-cached",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "a person who was deleted is a 404 for health at once",
            "une personne supprimée donne aussitôt 404 pour health",
        ),
        why: text(
            "Whoever was deleted must not be readable for as long as somebody remembers them.",
            "Une personne supprimée ne doit pas rester lisible tant que quelqu'un s'en souvient.",
        ),
        mend: text(
            "Ask anew each time; remember no answer of person.",
            "Interrogez à chaque fois ; ne mémorisez aucune réponse de person.",
        ),
        flask: "# no lru_cache, no requests_cache, no set of known ids",
        run: |s| {
            let id = s.new_record()?;
            operate(s, "GET", &id)?.must_be(&[200])?;
            s.delete_somebody(&id)?;
            operate(s, "GET", &id)?.must_be(&[404])
        },
    },
];

/// Does one of the operations of the lab, with a body where it takes one.
pub(super) fn operate(s: &Subject, method: &str, id: &str) -> Result<Exchange, Stop> {
    let request = s.health(method, &health_path(id))?;
    Ok(match method {
        "POST" | "PUT" => request.json(&s.record_weighing(71.25).into()).send(),
        "PATCH" => request.json(&s.only_weight(71.25).into()).send(),
        _ => request.send(),
    })
}
