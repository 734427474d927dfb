//! A report for programs.

use serde_json::{Map, Value, json};

use super::Report;
use crate::check::{Finding, Level, Stop};
use crate::text::{Lang, Text};

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let levels: Map<String, Value> = Level::ALL.into_iter().map(|level| counts(report, level)).collect();
    let report = json!({
        "summary": report.summary(),
        "levels": levels,
        "learnt": report.learnt.iter().map(|text| text.in_lang(lang)).collect::<Vec<_>>(),
        "checks": report.findings.iter().map(|finding| entry(finding, lang)).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

fn counts(report: &Report, level: Level) -> (String, Value) {
    let counts = ["passed", "failed", "skipped"]
        .map(|verdict| (verdict.to_owned(), report.count(level, verdict).into()));
    (level.name().to_owned(), Value::Object(Map::from_iter(counts)))
}

fn entry(finding: &Finding, lang: Lang) -> Value {
    let check = finding.check;
    let exchanges = finding.exchanges.iter();
    let exchanges: Vec<_> =
        exchanges.map(|it| json!({"sent": it.sent_line(), "came": it.came_line(lang)})).collect();
    json!({
        "id": check.id,
        "area": check.area.name(),
        "level": check.level.name(),
        "verdict": finding.verdict(),
        "detail": detail(finding).map(|text| text.in_lang(lang)),
        "lab": check.lab.in_lang(lang),
        "title": check.title.in_lang(lang),
        "why": check.why.in_lang(lang),
        "mend": check.mend.in_lang(lang),
        "flask": check.flask,
        "exchanges": exchanges,
        "person_was_asked": finding.asked.iter().map(|text| text.in_lang(lang)).collect::<Vec<_>>(),
    })
}

/// Why a check did not pass.
pub(super) fn detail(finding: &Finding) -> Option<&Text> {
    match &finding.outcome {
        Ok(()) => None,
        Err(Stop::Failed(text) | Stop::Skipped(text)) => Some(text),
    }
}
