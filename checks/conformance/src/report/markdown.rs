//! A report for a page or a message: a table, and below it what failed.

use super::Report;
use super::json::detail;
use crate::text::Lang;

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let heads = match lang {
        Lang::En => ["level", "check", "came to", "what must hold"],
        Lang::Fr => ["niveau", "contrôle", "résultat", "ce qui doit tenir"],
    };
    let mut out = format!("**{}**\n\n| {} |\n|---|---|---|---|\n", report.summary(), heads.join(" | "));
    for finding in &report.findings {
        let check = finding.check;
        let cells = [check.level.name(), check.id, finding.verdict(), check.title.in_lang(lang)];
        out += &format!("| {} |\n", cells.map(cell).join(" | "));
    }
    for finding in report.findings.iter().filter(|finding| finding.verdict() == "failed") {
        let check = finding.check;
        let detail = detail(finding).map(|text| text.in_lang(lang)).unwrap_or_default();
        out += &format!("\n### {}: {}\n\n{}\n\n", check.id, check.title.in_lang(lang), cell(detail));
        out += &format!("> {}\n\n", check.lab.in_lang(lang));
        out += &format!("{} {}\n\n", check.why.in_lang(lang), check.mend.in_lang(lang));
        out += &format!("```python\n{}\n```\n", check.flask);
    }
    out
}

/// What comes from a version under test must not end a cell, nor be taken for HTML.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
