//! The rule: what health does when person does not answer, or answers nonsense.

use fake_person::Response;

use super::lab;
use super::rule_asks::{asking_about_somebody, operate_while};
use super::rule_statuses::none_goes_on;
use super::rule_stores::operate;
use crate::check::{Area::Rule, Check, Level::Expected, Level::Required, Level::Robust, Stop, skip};
use crate::http::Exchange;
use crate::subject::{PersonState, Subject};
use crate::text::{Text, text};

const MEND: Text = text(
    "Catch every failure of the call, answer 503, and write nothing.",
    "Attrapez tout échec de l'appel, répondez 503, et n'écrivez rien.",
);
const FLASK: &str = concat!(
    "try: r = requests.get(url, timeout=1)\n",
    "except requests.RequestException: abort(503, \"person does not answer\")"
);

pub(super) const CHECKS: &[Check] = &[
    // First, for a version that does not recover can pass nothing after it.
    Check {
        id: "rule-recovers",
        area: Rule,
        level: Expected,
        lab: &lab::ASKS_FIRST,
        title: text("when person is back health works again", "quand person revient, health refonctionne"),
        why: text(
            "Nobody wants to restart one service because another was restarted.",
            "Personne ne veut redémarrer un service parce qu'un autre l'a été.",
        ),
        mend: text(
            "Keep no state about person's failures, and make a new connection when the old one fails.",
            "Ne retenez rien des pannes de person, et ouvrez une nouvelle connexion quand l'ancienne échoue.",
        ),
        flask: "# one requests.get a request; nothing set once at the start",
        run: |s| {
            let (method, id) = asking_about_somebody(s)?;
            s.set_person(PersonState::Down)?;
            operate(s, method, &id)?;
            s.set_person(PersonState::Healthy)?;
            operate(s, method, &id)?.must_be_ok()
        },
    },
    Check {
        id: "rule-on-refusal",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "while person is down nothing is read or changed",
            "person arrêté, rien n'est lu ni modifié",
        ),
        why: text(
            "No answer is not a yes. Who goes on without one has no rule at all when it matters.",
            "Pas de réponse n'est pas un oui. Continuer sans réponse, c'est n'avoir plus de règle au \
             moment où elle compte.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::Down),
    },
    Check {
        id: "rule-on-close",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "when person closes without an answer nothing is read or changed",
            "si person ferme sans répondre, rien n'est lu ni modifié",
        ),
        why: text(
            "So it looks when person crashes in the middle of a request.",
            "C'est ce qu'on voit quand person plante au milieu d'une requête.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::Responds(Response::Close)),
    },
    Check {
        id: "rule-on-garbage",
        area: Rule,
        level: Required,
        lab: &lab::ASKS_FIRST,
        title: text(
            "when what answers is not HTTP nothing is read or changed",
            "si la réponse n'est pas du HTTP, rien n'est lu ni modifié",
        ),
        why: text(
            "Another program on the port is no person service.",
            "Un autre programme sur ce port n'est pas le service person.",
        ),
        mend: MEND,
        flask: FLASK,
        run: |s| none_goes_on(s, PersonState::garbage()),
    },
    Check {
        id: "rule-down-not-404",
        area: Rule,
        level: Expected,
        lab: &lab::PERSON_EXISTS,
        title: text("while person is down health does not say 404", "person arrêté, health ne dit pas 404"),
        why: text(
            "404 says that the person does not exist, which nobody knows just now. A client may delete its \
             data because of it.",
            "404 dit que la personne n'existe pas, ce que nul ne sait à cet instant. Un client peut en \
             supprimer ses données.",
        ),
        mend: text("Keep 404 for person's own 404.", "Gardez 404 pour le 404 de person."),
        flask: "if r.status_code == 404: abort(404)\n# except requests.RequestException: abort(503), not 404",
        run: |s| does_not_say_while_down(s, 404),
    },
    Check {
        id: "rule-down-not-500",
        area: Rule,
        level: Expected,
        lab: &lab::ASKS_FIRST,
        title: text("while person is down health does not crash", "person arrêté, health ne plante pas"),
        why: text(
            "500 is an exception that nobody caught. That a service one depends on is down is not a \
             surprise but a matter of time.",
            "500, c'est une exception que personne n'attrape. Qu'un service dont on dépend s'arrête n'est \
             pas une surprise, mais une question de temps.",
        ),
        mend: text("Catch the failure of the call.", "Attrapez l'échec de l'appel."),
        flask: FLASK,
        run: |s| does_not_say_while_down(s, 500),
    },
    Check {
        id: "rule-down-503",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text("while person is down health says 503", "person arrêté, health dit 503"),
        why: text(
            "503 says: not now, try again later (RFC 9110, 15.6.4). Clients and load balancers act on it.",
            "503 dit : pas maintenant, réessayez plus tard (RFC 9110, 15.6.4). Clients et répartiteurs en \
             tiennent compte.",
        ),
        mend: text("Answer 503 (or 502).", "Répondez 503 (ou 502)."),
        flask: "except requests.ConnectionError: abort(503, \"person does not answer\")",
        run: |s| operate_down(s)?.must_be(&[503, 502]),
    },
    Check {
        id: "rule-retry-after",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text(
            "a 503 says in Retry-After when to come again",
            "un 503 dit dans Retry-After quand revenir",
        ),
        why: text(
            "Without it every client tries again at once, and keeps person down.",
            "Sans lui, tous les clients réessaient aussitôt, et person ne se relève pas.",
        ),
        mend: text("Add the header line to the 503.", "Ajoutez cet en-tête au 503."),
        flask: "return jsonify(error=\"person does not answer\"), 503, {\"Retry-After\": \"1\"}",
        run: |s| {
            let came = operate_down(s)?;
            if came.status() != Some(503) {
                return skip(text(
                    "health gave no 503: see `rule-down-503`",
                    "health n'a pas donné de 503 : voir `rule-down-503`",
                ));
            }
            came.must(came.header("retry-after").is_some(), "Retry-After", "Retry-After")
        },
    },
    Check {
        id: "rule-timeout",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text("health does not wait for person for ever", "health n'attend pas person indéfiniment"),
        why: text(
            "Each request that waits holds a thread. A few dozen, and health is down because person is slow.",
            "Chaque requête en attente occupe un thread. Quelques dizaines, et health tombe parce que \
             person est lent.",
        ),
        mend: text(
            "Give the call to person a timeout of a second.",
            "Donnez à l'appel une limite d'une seconde.",
        ),
        flask: "requests.get(url, timeout=1)  # without it requests waits for ever",
        run: |s| answers_while(s, PersonState::Responds(Response::Hang)),
    },
    Check {
        id: "rule-late-504",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text("when person is too slow health says 504", "si person est trop lent, health dit 504"),
        why: text(
            "504 tells slow from down (503) and from broken (502): three different repairs (RFC 9110, \
             15.6.5).",
            "504 distingue la lenteur de l'arrêt (503) et de la panne (502) : trois réparations \
             différentes (RFC 9110, 15.6.5).",
        ),
        mend: text(
            "Tell the timeout from other failures.",
            "Distinguez le dépassement de délai des autres échecs.",
        ),
        flask: "except requests.Timeout: abort(504, \"person is too slow\")",
        run: |s| operate_while(s, PersonState::Responds(Response::Hang))?.must_be(&[504]),
    },
    Check {
        id: "rule-drip",
        area: Rule,
        level: Robust,
        lab: &lab::ASKS_FIRST,
        title: text(
            "an answer that comes byte by byte is given up",
            "une réponse qui arrive octet par octet est abandonnée",
        ),
        why: text(
            "Most timeouts count from byte to byte: a slow stream never reaches them.",
            "La plupart des délais se comptent d'octet en octet : un flux lent ne les atteint jamais.",
        ),
        mend: text(
            "Limit the whole call, not only the wait for the next byte.",
            "Limitez l'appel entier, pas seulement l'attente de l'octet suivant.",
        ),
        flask: "future = pool.submit(requests.get, url, timeout=1); future.result(timeout=1)",
        run: |s| answers_while(s, PersonState::Responds(Response::Drip)),
    },
];

/// Fails where health says this while nobody listens at person's address, or says nothing.
fn does_not_say_while_down(s: &mut Subject, status: u16) -> Result<(), Stop> {
    let came = operate_down(s)?;
    came.must(
        came.status().is_some_and(|said| said != status),
        &format!("an answer, and no {status}"),
        &format!("une réponse, et pas {status}"),
    )
}

/// Fails unless health says something in time.
fn answers_while(s: &mut Subject, person: PersonState) -> Result<(), Stop> {
    let came = operate_while(s, person)?;
    came.must(came.status().is_some(), "any answer", "une réponse, quelle qu'elle soit")
}

fn operate_down(s: &mut Subject) -> Result<Exchange, Stop> {
    operate_while(s, PersonState::Down)
}
