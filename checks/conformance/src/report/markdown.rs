//! A report for a page or a message: a table, and below it the failed checks.

use crate::advice::advice;
use crate::finding::Report;
use crate::text::Lang;

pub(super) fn show(report: &Report, lang: Lang) -> String {
    let heads = match lang {
        Lang::En => ["level", "check", "result", "promise"],
        Lang::Fr => ["niveau", "contrôle", "résultat", "ce qui doit tenir"],
    };
    let mut out = format!("**{}**\n\n", report.summary_in(lang));
    for line in &report.learnt {
        out += &format!("{}\n", cell(line.in_lang(lang)));
    }
    out.push('\n');
    for (number, cause) in report.causes().iter().enumerate() {
        let [title, advice] = [&cause.title, &cause.advice].map(|text| cell(text.in_lang(lang)));
        let (level, checks) = (cause.level.label(lang), cause.checks.join(", "));
        out += &format!("{}. **{}**: {title} ({checks}). {advice}\n", number + 1, level);
    }
    out += &format!("\n| {} |\n|---|---|---|---|\n", heads.join(" | "));
    for finding in &report.findings {
        let check = finding.check;
        let cells = [
            check.level.label(lang),
            check.id,
            finding.verdict_in(lang),
            check.explanation().title.in_lang(lang),
        ];
        out += &format!("| {} |\n", cells.map(cell).join(" | "));
    }
    for finding in report.findings.iter().filter(|finding| finding.verdict() == "failed") {
        let (check, explanation) = (finding.check, finding.check.explanation());
        let reason = finding.reason().map(|text| text.in_lang(lang)).unwrap_or_default();
        out += &format!("\n### {}: {}\n\n{}\n\n", check.id, explanation.title.in_lang(lang), cell(reason));
        out += &format!("> {}\n\n", check.lab.in_lang(lang));
        let advice = advice(finding);
        out += &format!("{} {}\n\n", explanation.why.in_lang(lang), advice.fix.in_lang(lang));
        if let Some(code) = advice.flask {
            out += &format!("```python\n{code}\n```\n");
        }
    }
    out
}

/// Escapes text from the version under test: it must neither end a table cell nor act as HTML.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
