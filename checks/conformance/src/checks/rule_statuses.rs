//! The rule: what health does when person answers anything but 200.

use fake_person::Response;

use super::health_routes::stored;
use super::lab;
use super::rule_asks::operate_while;
use super::rule_stores::operate;
use crate::check::{Area::Rule, Check, Level::Expected, Level::Required, Level::Robust, Stop};
use crate::shape::holds;
use crate::subject::{PersonState, Subject, health_path};
use crate::text::{Text, text};

const MEND: Text = text(
    "Look at the status before anything else: go on at 200, stop at every other with an error of your own, \
     and write nothing.",
    "Regardez d'abord le code : continuez sur 200, arrêtez-vous sur tout autre avec votre propre erreur, \
     et n'écrivez rien.",
);
const FLASK: &str = "if r.status_code != 200: abort(...)  # before the file is opened; not `if r.ok`";

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "rule-on-404",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "when person says 404 nothing is read or changed",
            "si person dit 404, rien n'est lu ni modifié",
        ),
        why: text(
            "The check comes first: a write before it stays, whatever person says.",
            "La vérification vient d'abord : une écriture faite avant reste, quoi que dise person.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::status(404)),
    },
    Check {
        id: "rule-on-500",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "when person says 500 nothing is read or changed",
            "si person dit 500, rien n'est lu ni modifié",
        ),
        why: text(
            "A person service in trouble has not said that the person exists.",
            "Un service person en difficulté n'a pas dit que la personne existe.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::status(500)),
    },
    Check {
        id: "rule-on-204",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "only 200 is a yes: on 204 health stops",
            "seul 200 veut dire oui : sur 204, health s'arrête",
        ),
        why: text(
            "The lab says 200 OK. Another 2xx comes from something that is not the person service, or is \
             not an answer to this question.",
            "Le sujet dit 200 OK. Un autre 2xx vient d'autre chose que person, ou ne répond pas à cette \
             question.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::status(204)),
    },
    Check {
        id: "rule-on-redirect",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text("a redirect from person is not followed", "une redirection de person n'est pas suivie"),
        why: text(
            "The 200 at the end of it is another page's: a login form, for instance, answers 200 to anybody.",
            "Le 200 au bout est celui d'une autre page : un formulaire de connexion répond 200 à n'importe \
             qui.",
        ),
        mend: text(
            "Switch following off for this call.",
            "Désactivez le suivi des redirections pour cet appel.",
        ),
        flask: "requests.get(url, timeout=1, allow_redirects=False)",
        run: |s| none_goes_on(s, PersonState::redirect()),
    },
    Check {
        id: "rule-on-another-person",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text(
            "a 200 that is about somebody else is not believed",
            "un 200 qui parle de quelqu'un d'autre n'est pas cru",
        ),
        why: text(
            "A wrong address or a proxy answers 200 to everything. One look at the id tells it from person.",
            "Une mauvaise adresse ou un proxy répond 200 à tout. Un regard sur l'id suffit à le distinguer \
             de person.",
        ),
        mend: text(
            "Compare the id in the answer with the one that was asked for; answer 502 where they differ.",
            "Comparez l'id reçu à celui demandé ; répondez 502 s'ils diffèrent.",
        ),
        flask: "if r.json().get(\"id\") != id: abort(502, \"person answered nonsense\")",
        run: |s| {
            none_goes_on(
                s,
                PersonState::Responds(Response::body(r#"{"id": 424242, "name": "Somebody else"}"#)),
            )
        },
    },
    Check {
        id: "rule-500-is-502",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text(
            "person's 500 is a 502 or 503 of health",
            "un 500 de person devient un 502 ou 503 de health",
        ),
        why: text(
            "500 says: health is broken. 502 says: what it depends on is, and sends people to the right \
             log (RFC 9110, 15.6.3).",
            "500 dit : health est en panne. 502 dit : c'est ce dont il dépend, et envoie vers le bon \
             journal (RFC 9110, 15.6.3).",
        ),
        mend: text("Answer 502 where person answers 5xx.", "Répondez 502 quand person répond 5xx."),
        flask: "if r.status_code >= 500: abort(502, \"the person service is broken\")",
        run: |s| operate_while(s, PersonState::status(500))?.must_be(&[502, 503]),
    },
    Check {
        id: "rule-401-passed-on",
        area: Rule,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("person's 401 is a 401 of health", "un 401 de person devient un 401 de health"),
        why: text(
            "The caller must log in again, and learns it from this status only.",
            "L'appelant doit se reconnecter, et seul ce code le lui apprend.",
        ),
        mend: text("Pass 401 and 403 on as they are.", "Transmettez 401 et 403 tels quels."),
        flask: "if r.status_code in (401, 403): abort(r.status_code)",
        run: |s| {
            s.token()?;
            operate_while(s, PersonState::status(401))?.must_be(&[401])
        },
    },
    Check {
        id: "rule-403-passed-on",
        area: Rule,
        level: Expected,
        lab: &lab::TOKENS,
        title: text("person's 403 is a 403 of health", "un 403 de person devient un 403 de health"),
        why: text(
            "The person exists and is not this caller's to see: neither a 404 nor a failure of the service.",
            "La personne existe, mais cet appelant n'y a pas droit : ni un 404, ni une panne.",
        ),
        mend: text("Pass 401 and 403 on as they are.", "Transmettez 401 et 403 tels quels."),
        flask: "if r.status_code in (401, 403): abort(r.status_code)",
        run: |s| {
            s.token()?;
            operate_while(s, PersonState::status(403))?.must_be(&[403])
        },
    },
];

/// Tries every operation while person says no yes, and fails where one goes on or touches what is stored.
pub(super) fn none_goes_on(s: &mut Subject, person: PersonState) -> Result<(), Stop> {
    s.set_person(PersonState::Healthy)?;
    let known = s.new_record()?;
    let fresh = s.somebody()?;
    s.will_have_a_record(&fresh);
    s.set_person(person)?;
    for (method, id) in [("GET", &known), ("POST", &fresh), ("PUT", &known), ("DELETE", &known)] {
        operate(s, method, id)?.must_not_be_ok()?;
    }
    s.set_person(PersonState::Healthy)?;
    stored(s, &known, &s.record())?;
    let read = s.health("GET", &health_path(&fresh))?.send();
    let is_there = read.json().is_some_and(|body| holds(&body, &s.only_weight(71.25)));
    read.must(
        !is_there,
        "nothing recorded by the POST that was refused",
        "rien d'enregistré par le POST refusé",
    )
}
