//! The marking grid of the practical: twenty points for its four tasks, each earned by checks.

use crate::check::Check;
use crate::finding::Report;
use crate::text::{Text, text};

/// A line of the grid.
#[derive(Debug)]
pub struct Criterion {
    /// The task of the practical, 1 to 4.
    pub task: u8,
    /// The points that it earns.
    pub points: usize,
    /// What earns them.
    pub title: Text,
    /// The checks that show it. Every required check is in one criterion.
    pub checks: &'static [&'static str],
}

/// The names of the tasks, for `--only`.
pub const TASKS: [&str; 4] = ["task1", "task2", "task3", "task4"];

/// The grid. The levels of the checks do not matter here: a timeout is robust, and a practical that teaches it marks it.
pub static CRITERIA: [Criterion; 13] = [
    Criterion {
        task: 1,
        points: 2,
        title: text(
            "persons are created, read and deleted, with any name",
            "on crée, lit et supprime des personnes, quel que soit leur nom",
        ),
        checks: &[
            "person-create",
            "person-read",
            "person-delete",
            "person-name-unicode",
            "person-name-quotes",
        ],
    },
    Criterion {
        task: 1,
        points: 1,
        title: text(
            "the service numbers the persons, without repeating itself",
            "le service numérote les personnes, sans se répéter",
        ),
        checks: &["person-id-integer", "person-ids-differ", "person-id-unique", "person-id-generated"],
    },
    Criterion {
        task: 1,
        points: 1,
        title: text("an unknown person is a 404", "une personne inconnue donne 404"),
        checks: &["person-missing", "person-delete-missing", "person-id-letters", "person-error-json"],
    },
    Criterion {
        task: 1,
        points: 1,
        title: text(
            "the statuses are right, and invalid bodies are refused",
            "les codes sont justes, et un corps invalide est refusé",
        ),
        checks: &[
            "person-created",
            "person-delete-status",
            "person-method",
            "person-broken-json",
            "person-not-an-object",
            "person-name-missing",
            "person-name-number",
            "person-media-type",
        ],
    },
    Criterion {
        task: 2,
        points: 2,
        title: text(
            "records are created, read, replaced and deleted, each apart",
            "on crée, lit, remplace et supprime des fiches, chacune à part",
        ),
        checks: &[
            "health-create",
            "health-read",
            "health-replace",
            "health-delete",
            "health-apart",
            "health-delete-one",
            "health-data-kept",
        ],
    },
    Criterion {
        task: 2,
        points: 1,
        title: text(
            "POST overwrites nothing, a missing record is a 404, invalid bodies are refused",
            "POST n'écrase rien, une fiche absente donne 404, un corps invalide est refusé",
        ),
        checks: &[
            "health-conflict",
            "health-no-record",
            "health-put-missing",
            "health-delete-missing",
            "health-created",
            "health-broken-json",
            "health-not-an-object",
            "health-media-type",
            "health-weight-text",
        ],
    },
    Criterion {
        task: 2,
        points: 2,
        title: text(
            "health asks person before every operation",
            "health interroge person avant chaque opération",
        ),
        checks: &[
            "rule-asks-get",
            "rule-asks-post",
            "rule-asks-put",
            "rule-asks-delete",
            "rule-not-cached",
            "rule-creates-nobody",
        ],
    },
    Criterion {
        task: 2,
        points: 2,
        title: text("health continues only on 200 OK", "health ne continue que sur un 200 OK"),
        checks: &[
            "rule-missing-get",
            "rule-missing-post",
            "rule-missing-put",
            "rule-missing-delete",
            "rule-on-404",
            "rule-on-500",
            "rule-on-204",
            "rule-on-refusal",
            "rule-on-close",
            "rule-on-garbage",
        ],
    },
    Criterion {
        task: 2,
        points: 1,
        title: text(
            "while person is down or silent, health answers, and not 404",
            "si person est arrêté ou se tait, health répond, et pas 404",
        ),
        checks: &["rule-timeout", "rule-down-not-404", "rule-down-not-500", "rule-recovers"],
    },
    Criterion {
        task: 3,
        points: 3,
        title: text(
            "`docker compose up` starts everything, and a restart loses nothing (`--compose`)",
            "`docker compose up` démarre tout, et un redémarrage ne perd rien (`--compose`)",
        ),
        checks: &["person-restart", "health-restart"],
    },
    Criterion {
        task: 4,
        points: 1,
        title: text(
            "a login gives a JWT, and only with the right password",
            "un login donne un JWT, et seulement avec le bon mot de passe",
        ),
        checks: &["auth-login", "auth-wrong-password", "auth-unknown-refused", "auth-wrong-401"],
    },
    Criterion {
        task: 4,
        points: 2,
        title: text(
            "no route of person and health works without a valid token",
            "aucune route de person et de health ne s'ouvre sans jeton valide",
        ),
        checks: &[
            "person-no-token",
            "health-no-token",
            "person-open-read",
            "health-open-read",
            "person-forged-token",
            "health-forged-token",
            "person-closed-401",
            "health-closed-401",
        ],
    },
    Criterion {
        task: 4,
        points: 1,
        title: text(
            "the secret cannot be guessed, tokens expire, and health passes them on",
            "le secret ne se devine pas, les jetons expirent, et health les transmet",
        ),
        checks: &["auth-secret", "auth-token-expires", "rule-token-passed-on", "rule-401-passed-on"],
    },
];

/// Whether a check is chosen by this name: its id, its area, its level, or the task that marks it.
pub fn is_named(check: &Check, name: &str) -> bool {
    let is_of_task =
        |it: &Criterion| TASKS[usize::from(it.task) - 1] == name && it.checks.contains(&check.id);
    [check.id, check.area.name(), check.level.name()].contains(&name) || CRITERIA.iter().any(is_of_task)
}

impl Criterion {
    /// Counts its checks that passed.
    pub(crate) fn passed(&self, report: &Report) -> usize {
        self.checks.iter().filter(|id| verdict(report, id) == "passed").count()
    }

    /// Returns the half points that a version earns: in proportion to its checks, rounded down.
    pub(crate) fn half_points(&self, report: &Report) -> usize {
        2 * self.points * self.passed(report) / self.checks.len()
    }

    /// Returns the ids of its checks with this verdict.
    pub(crate) fn with_verdict(&self, report: &Report, wanted: &str) -> Vec<&'static str> {
        self.checks.iter().copied().filter(|id| verdict(report, id) == wanted).collect()
    }
}

/// Returns the half points of a version for all tasks.
pub(crate) fn half_points(report: &Report) -> usize {
    CRITERIA.iter().map(|criterion| criterion.half_points(report)).sum()
}

/// Returns the result of a check; a check that was not chosen counts as not run.
fn verdict(report: &Report, id: &str) -> &'static str {
    let finding = report.findings.iter().find(|finding| finding.check.id == id);
    finding.map_or("skipped", |finding| finding.verdict())
}
