//! A report for a page or a message: a table, and below it the failed checks.

use crate::finding::Report;
use crate::text::Lang;

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let heads = match lang {
        Lang::En => ["level", "check", "result", "promise"],
        Lang::Fr => ["niveau", "contrôle", "résultat", "ce qui doit tenir"],
    };
    let mut out = format!("**{}**\n\n| {} |\n|---|---|---|---|\n", report.summary(), heads.join(" | "));
    for finding in &report.findings {
        let check = finding.check;
        let cells =
            [check.level.name(), check.id, finding.verdict(), check.explanation().title.in_lang(lang)];
        out += &format!("| {} |\n", cells.map(cell).join(" | "));
    }
    for finding in report.findings.iter().filter(|finding| finding.verdict() == "failed") {
        let (check, explanation) = (finding.check, finding.check.explanation());
        let reason = finding.reason().map(|text| text.in_lang(lang)).unwrap_or_default();
        out += &format!("\n### {}: {}\n\n{}\n\n", check.id, explanation.title.in_lang(lang), cell(reason));
        out += &format!("> {}\n\n", check.lab.in_lang(lang));
        out += &format!("{} {}\n\n", explanation.why.in_lang(lang), explanation.fix.in_lang(lang));
        out += &format!("```python\n{}\n```\n", explanation.flask);
    }
    out
}

/// Escapes text from the version under test: it must neither end a table cell nor act as HTML.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
