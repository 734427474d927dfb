//! A check: one promise of the lab, and the code that tries it. The texts for people are in `checks/explanations.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::outcome::Stop;
use crate::subject::Subject;
use crate::text::{Lang, Text, text};

/// How important a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The lab requires it.
    Required,
    /// HTTP requires it.
    Expected,
    /// A careful engineer would do it.
    Robust,
}

impl Level {
    /// All levels, in the order of a summary.
    pub const ALL: [Self; 3] = [Self::Required, Self::Expected, Self::Robust];

    /// Returns its name, the same in every language: programs read it too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Expected => "expected",
            Self::Robust => "robust",
        }
    }

    /// Returns its name for people.
    pub fn label(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::En, _) => self.name(),
            (Lang::Fr, Self::Required) => "exigé",
            (Lang::Fr, Self::Expected) => "attendu",
            (Lang::Fr, Self::Robust) => "robuste",
        }
    }

    /// Returns its meaning.
    pub fn meaning(self) -> Text {
        match self {
            Self::Required => text("the lab says so", "le sujet le demande"),
            Self::Expected => {
                text("HTTP says so, or the lab's words lead to it", "HTTP le demande, ou le sujet y conduit")
            }
            Self::Robust => text("a careful engineer would", "un ingénieur soigneux le ferait"),
        }
    }
}

/// The part of the lab that a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The person service.
    Person,
    /// The health service.
    Health,
    /// The rule between the two: health asks person first.
    Rule,
    /// The auth service, and how the other services check its tokens.
    Auth,
}

impl Area {
    /// All areas, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Person, Self::Health, Self::Rule, Self::Auth];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Health => "health",
            Self::Rule => "rule",
            Self::Auth => "auth",
        }
    }

    /// Returns its name for people.
    pub fn label(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::En, _) => self.name(),
            (Lang::Fr, Self::Person) => "Personne",
            (Lang::Fr, Self::Health) => "Santé",
            (Lang::Fr, Self::Rule) => "Règle",
            (Lang::Fr, Self::Auth) => "Auth",
        }
    }
}

/// A check.
#[derive(Debug)]
pub struct Check {
    /// Its name, for `--explain` and for programs.
    pub id: &'static str,
    /// The part of the lab that it looks at.
    pub area: Area,
    /// How important it is.
    pub level: Level,
    /// The requirement of the lab that it comes from.
    pub lab: &'static Text,
    pub(crate) run: fn(&mut Subject) -> Result<(), Stop>,
}

/// What a check can do to the data of the version; checks run in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Danger {
    /// It writes its own data only.
    Harmless,
    /// It restarts the version.
    Restarts,
    /// It can make a careless version lose data.
    MayDestroy,
    /// It looks for losses.
    Afterwards,
}

/// The texts of a check.
#[derive(Debug, Deserialize)]
pub struct Explanation {
    /// The promise.
    pub title: Text,
    /// Why it matters.
    pub why: Text,
    /// How to fix a version that breaks it.
    pub fix: Text,
    /// The fix in Flask, as code.
    pub flask: String,
}

/// Makes an entry of a table of checks.
pub(crate) const fn check(
    id: &'static str,
    area: Area,
    level: Level,
    lab: &'static Text,
    run: fn(&mut Subject) -> Result<(), Stop>,
) -> Check {
    Check { id, area, level, lab, run }
}

impl Check {
    pub(crate) fn danger(&self) -> Danger {
        match self.id {
            "person-at-once" | "health-at-once" => Danger::MayDestroy,
            "person-restart" | "health-restart" => Danger::Restarts,
            "health-data-kept" => Danger::Afterwards,
            _ => Danger::Harmless,
        }
    }

    /// Returns its texts.
    ///
    /// # Panics
    /// If the file of explanations has no entry for it.
    pub fn explanation(&self) -> &'static Explanation {
        static ALL: LazyLock<BTreeMap<String, Explanation>> = LazyLock::new(|| {
            let json = include_str!("checks/explanations.json");
            serde_json::from_str(json).expect("the explanations are valid JSON")
        });
        ALL.get(self.id).unwrap_or_else(|| panic!("{} has no explanation", self.id))
    }
}
