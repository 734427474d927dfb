//! Causes: failed checks that one mistake explains, counted once.

use std::collections::BTreeMap;

use crate::advice::advice;
use crate::check::{Area, Level};
use crate::finding::{Finding, Report};
use crate::http::Exchange;
use crate::outcome::{Failure, Stop};
use crate::shape::template;
use crate::text::{Lang, Text, formatted, text};

/// A mistake, and the checks that fail for it.
#[derive(Debug)]
pub struct Cause {
    /// The mistake.
    pub title: Text,
    /// How to fix it.
    pub advice: Text,
    /// The highest level of its checks.
    pub level: Level,
    /// The ids of the failed checks.
    pub checks: Vec<&'static str>,
}

/// What the checks of one cause have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Doors,
    Signature,
    Anybody,
    Forgets,
    AnyPassword,
    NeverAsks,
    GoesOn,
    Redirect(&'static str),
    Silent(&'static str),
    Refused(&'static str),
    Crash(String),
    Alone(&'static str),
}

/// The checks that fail if a login does not look at the password.
const PASSWORD_CHECKS: [&str; 6] = [
    "auth-wrong-password",
    "auth-unknown-refused",
    "auth-unknown-user",
    "auth-taken-keeps",
    "auth-throttle",
    "auth-login-by-get",
];

impl Report {
    /// Returns the causes, the most important first.
    pub fn causes(&self) -> Vec<Cause> {
        let mut groups: BTreeMap<Key, Vec<&Finding>> = BTreeMap::new();
        for finding in self.findings.iter().filter(|finding| finding.verdict() == "failed") {
            groups.entry(self.key(finding)).or_default().push(finding);
        }
        let mut causes: Vec<_> = groups.into_iter().map(|(key, findings)| cause(&key, &findings)).collect();
        causes.sort_by_key(|cause| (cause.level, std::cmp::Reverse(cause.checks.len())));
        causes
    }

    fn key(&self, finding: &Finding) -> Key {
        let id = finding.check.id;
        let has_failed =
            |id: &str| self.findings.iter().any(|it| it.check.id == id && it.verdict() == "failed");
        let exchange = match &finding.outcome {
            Err(Stop::Failed(Failure { exchange, .. })) => exchange.as_deref(),
            _ => None,
        };
        let is_ok = exchange.is_some_and(Exchange::is_ok);
        if id.ends_with("-no-token") || id.ends_with("-open-read") {
            return Key::Doors;
        }
        if (id.ends_with("-forged-token") || id.ends_with("-unsigned-token")) && is_ok {
            return Key::Signature;
        }
        if PASSWORD_CHECKS.contains(&id) {
            if has_failed("auth-unknown-refused") {
                return Key::Anybody;
            }
            if has_failed("auth-wrong-password") {
                return Key::AnyPassword;
            }
        }
        let is_about_existence =
            ["rule-asks-get", "rule-asks-post", "rule-asks-put", "rule-asks-delete", "rule-asks-patch"]
                .contains(&id)
                || id.starts_with("rule-missing-")
                || id == "rule-not-cached";
        if is_about_existence && is_ok {
            return Key::NeverAsks;
        }
        if finding.check.area == Area::Rule && is_ok && id != "rule-recovers" {
            return Key::GoesOn;
        }
        let forgets = has_failed("person-restart") || has_failed("health-restart");
        if id.ends_with("-restart") || id == "health-data-kept" && forgets {
            return Key::Forgets;
        }
        exchange.map_or(Key::Alone(id), |exchange| key_of(id, finding.check.area, exchange))
    }
}

fn key_of(id: &'static str, area: Area, exchange: &Exchange) -> Key {
    let service = if exchange.path().contains("/health") { "health" } else { area.name() };
    match exchange.status() {
        None => Key::Silent(service),
        Some(301 | 302 | 307 | 308) => Key::Redirect(service),
        Some(401 | 403) if area != Area::Auth && !id.contains("passed-on") => Key::Refused(service),
        Some(500) => Key::Crash(format!("{} {}", exchange.request.method, template(&exchange.path()))),
        _ => Key::Alone(id),
    }
}

fn cause(key: &Key, findings: &[&Finding]) -> Cause {
    let checks: Vec<_> = findings.iter().map(|finding| finding.check.id).collect();
    let level = findings.iter().map(|finding| finding.check.level).min().unwrap_or(Level::Robust);
    let main = findings.iter().min_by_key(|finding| finding.check.level).expect("a cause has a check");
    let (title, advice) = match key {
        Key::Doors => doors(&checks),
        Key::Signature => (
            text(
                "tokens are accepted although their signature is wrong",
                "des jetons mal signés sont acceptés",
            ),
            advice(main).fix,
        ),
        Key::Anybody => (
            text(
                "anybody gets a token: an unknown user, and any password",
                "n'importe qui reçoit un jeton : un inconnu, avec n'importe quel mot de passe",
            ),
            text(
                "Look the user up, compare the password, and answer 401 to anything else.",
                "Cherchez l'utilisateur, comparez le mot de passe, et répondez 401 à tout le reste.",
            ),
        ),
        Key::AnyPassword => (
            text("any password gets a token", "n'importe quel mot de passe donne un jeton"),
            advice(main).fix,
        ),
        Key::Forgets => (
            text(
                "data is gone after a restart: it is kept in memory only",
                "les données disparaissent au redémarrage : elles ne sont qu'en mémoire",
            ),
            advice(main).fix,
        ),
        Key::NeverAsks => never_asks(findings),
        Key::GoesOn => (
            text(
                "health goes on although person did not answer 200 with this person",
                "le service Santé continue sans que le service Personne ait répondu 200 pour cette personne",
            ),
            advice(main).fix,
        ),
        Key::Alone(id) => {
            let promise = &main.check.explanation().title;
            let [en, fr] = [Lang::En, Lang::Fr].map(|lang| promise.in_lang(lang));
            (formatted(format!("{id} fails: {en}"), format!("{id} échoue : {fr}")), advice(main).fix)
        }
        Key::Redirect(_) | Key::Silent(_) | Key::Refused(_) | Key::Crash(_) => {
            let id = main.check.id;
            let [en, fr] = [Lang::En, Lang::Fr].map(|lang| {
                let reason = main.reason().map(|text| text.in_lang(lang)).unwrap_or_default();
                format!("{id}: {reason}")
            });
            (formatted(en, fr), advice(main).fix)
        }
    };
    Cause { title, advice, level, checks }
}

fn doors(checks: &[&str]) -> (Text, Text) {
    let has = |end: &str| checks.iter().any(|id| id.ends_with(end));
    let of = |service: &str| checks.iter().any(|id| id.starts_with(service));
    let (en, fr) = match (of("person"), of("health")) {
        (true, true) => ("person and health", "les services Personne et Santé"),
        (true, false) => ("person", "le service Personne"),
        _ => ("health", "le service Santé"),
    };
    let title = match (has("-no-token"), has("-open-read")) {
        (true, true) => formatted(
            format!("{en}: no token is needed: anybody reads and writes"),
            format!("{fr} : sans jeton, n'importe qui lit et écrit"),
        ),
        (true, false) => formatted(
            format!("{en}: no token is needed to write"),
            format!("{fr} : sans jeton, n'importe qui écrit"),
        ),
        _ => formatted(
            format!("{en}: no token is needed to read"),
            format!("{fr} : sans jeton, n'importe qui lit"),
        ),
    };
    let advice = text(
        "Check the token in one place, before every route and every method.",
        "Vérifiez le jeton à un seul endroit, avant toutes les routes et toutes les méthodes.",
    );
    (title, advice)
}

fn never_asks(findings: &[&Finding]) -> (Text, Text) {
    let methods: Vec<_> = findings
        .iter()
        .filter_map(|finding| {
            finding.check.id.strip_prefix("rule-asks-").or(finding.check.id.strip_prefix("rule-missing-"))
        })
        .map(str::to_uppercase)
        .collect();
    let mut methods = methods;
    methods.sort();
    methods.dedup();
    let methods = if methods.is_empty() { "GET".to_owned() } else { methods.join(", ") };
    let title = formatted(
        format!("health does not ask person on {methods}"),
        format!("le service Santé n'interroge pas le service Personne sur {methods}"),
    );
    let advice = text(
        "Ask person in one place that every route goes through, for each request anew.",
        "Interrogez le service Personne à un seul endroit par lequel passent toutes les routes, à chaque requête.",
    );
    (title, advice)
}
