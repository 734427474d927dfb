//! The advice on a failed check. It depends on the answer: of a request that was refused for want of a token, the usual
//! fix of the check says nothing.

use crate::check::Area;
use crate::finding::Finding;
use crate::http::{Exchange, ExchangeError};
use crate::outcome::{Failure, Stop};
use crate::text::{Lang, Text, formatted, text};

/// How to fix a version.
pub(crate) struct Advice {
    pub(crate) fix: Text,
    /// The fix in Flask, as code.
    pub(crate) flask: Option<&'static str>,
}

/// The checks that fail if a route does not work at all.
const ROUTE_CHECKS: [&str; 7] = [
    "person-create",
    "person-read",
    "person-delete",
    "health-create",
    "health-read",
    "health-replace",
    "health-delete",
];

/// Returns the advice on a failed check.
pub(crate) fn advice(finding: &Finding) -> Advice {
    let explanation = finding.check.explanation();
    let exchange = match &finding.outcome {
        Err(Stop::Failed(Failure { exchange, .. })) => exchange.as_deref(),
        _ => None,
    };
    if let Some(fix) = exchange.and_then(|exchange| by_answer(finding, exchange)) {
        return Advice { fix, flask: None };
    }
    let fix = match exchange.filter(|exchange| exchange.status() == Some(500)) {
        // Broken JSON in the request says JSONDecodeError too.
        Some(exchange)
            if exchange.path().contains("/health") && !finding.check.id.ends_with("-broken-json") =>
        {
            join(&join(&LOG, &explanation.fix), &FILE)
        }
        Some(_) => join(&LOG, &explanation.fix),
        None => explanation.fix.clone(),
    };
    Advice { fix, flask: Some(&explanation.flask) }
}

const LOG: Text =
    text("The service crashed: its log has the line.", "Le service a planté : son journal donne la ligne.");

const FILE: Text = text(
    "If the log says JSONDecodeError, the JSON file itself no longer parses: delete it, and write under a lock.",
    "Si le journal dit JSONDecodeError, c'est le fichier JSON lui-même qui n'est plus lisible : supprimez-le, et écrivez sous un verrou.",
);

fn by_answer(finding: &Finding, exchange: &Exchange) -> Option<Text> {
    let id = finding.check.id;
    let request = exchange.method_and_path();
    match &exchange.response {
        Err(ExchangeError::Closed) if finding.check.area != Area::Rule => Some(text(
            "The connection was accepted, then closed without an answer. In a container the server must listen on all addresses, not on 127.0.0.1: `app.run(host=\"0.0.0.0\")`. Otherwise the service ended: see its log.",
            "La connexion a été acceptée, puis fermée sans réponse. Dans un conteneur, le serveur doit écouter sur toutes les adresses, pas sur 127.0.0.1 : `app.run(host=\"0.0.0.0\")`. Sinon le service s'est arrêté : voir son journal.",
        )),
        Err(ExchangeError::Refused | ExchangeError::NoSuchHost) => Some(text(
            "Nothing listens there: has the service ended? Its log says why.",
            "Rien n'écoute à cette adresse : le service s'est-il arrêté ? Son journal dit pourquoi.",
        )),
        Err(_) => None,
        Ok(response) => match response.status {
            401 | 403 if id.ends_with("-restart") => Some(text(
                "After the restart the login gives no token that is accepted: the accounts are kept in memory only, or the services sign with different secrets.",
                "Après le redémarrage, le login ne donne plus de jeton accepté : les comptes ne sont qu'en mémoire, ou les services signent avec des secrets différents.",
            )),
            401 | 403 if finding.check.area != Area::Auth && finding.check.area != Area::Rule => {
                Some(formatted(
                    format!(
                        "{request} was refused although the token was accepted elsewhere: does this route check it differently, or want a role?"
                    ),
                    format!(
                        "{request} a été refusé alors que le jeton est accepté ailleurs : cette route le vérifie-t-elle autrement, ou demande-t-elle un rôle ?"
                    ),
                ))
            }
            301 | 302 | 307 | 308 if finding.check.area != Area::Rule => {
                let to = exchange.header("location").unwrap_or_default();
                Some(formatted(
                    format!(
                        "{request} is redirected to {to}: declare the route without the slash at the end."
                    ),
                    format!(
                        "{request} est redirigé vers {to} : déclarez la route sans la barre oblique finale."
                    ),
                ))
            }
            // For a method that the lab does not have, the answer should be 405.
            501 if !["person-method", "person-allow"].contains(&id) => Some(formatted(
                format!(
                    "{request} answers 501: this route is not written yet. Write it, and start the service again."
                ),
                format!(
                    "{request} répond 501 : cette route n'est pas encore écrite. Écrivez-la, puis redémarrez le service."
                ),
            )),
            404 | 405 if ROUTE_CHECKS.contains(&id) => Some(formatted(
                format!(
                    "The service has no route for {request}: is the path spelled as in the lab, and the method declared? Other paths can be given in `--fields` (`paths`)."
                ),
                format!(
                    "Le service n'a pas de route pour {request} : le chemin est-il celui du sujet, la méthode est-elle déclarée ? D'autres chemins se donnent dans `--fields` (`paths`)."
                ),
            )),
            _ => None,
        },
    }
}

fn join(first: &Text, second: &Text) -> Text {
    let [en, fr] =
        [Lang::En, Lang::Fr].map(|lang| format!("{} {}", first.in_lang(lang), second.in_lang(lang)));
    formatted(en, fr)
}
