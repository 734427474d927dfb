//! A report for programs.

use serde_json::{Map, Value, json};

use crate::advice::advice;
use crate::check::Level;
use crate::finding::{Finding, Report};
use crate::text::Lang;

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let levels: Map<String, Value> = Level::ALL.into_iter().map(|level| counts(report, level)).collect();
    let report = json!({
        "summary": report.summary(),
        "levels": levels,
        "causes": report.causes().iter().map(|cause| json!({
            "level": cause.level.name(),
            "title": cause.title.in_lang(lang),
            "mend": cause.advice.in_lang(lang),
            "checks": cause.checks,
        })).collect::<Vec<_>>(),
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
    let (check, explanation) = (finding.check, finding.check.explanation());
    let advice = advice(finding);
    let exchanges = finding.exchanges.iter();
    let exchanges: Vec<_> =
        exchanges.map(|it| json!({"sent": it.request_text(), "came": it.response_text(lang)})).collect();
    json!({
        "id": check.id,
        "area": check.area.name(),
        "level": check.level.name(),
        "verdict": finding.verdict(),
        "detail": finding.reason().map(|text| text.in_lang(lang)),
        "lab": check.lab.in_lang(lang),
        "title": explanation.title.in_lang(lang),
        "why": explanation.why.in_lang(lang),
        "mend": advice.fix.in_lang(lang),
        "flask": advice.flask,
        "exchanges": exchanges,
        "person_was_asked": finding.person_requests.iter().map(|text| text.in_lang(lang)).collect::<Vec<_>>(),
    })
}
