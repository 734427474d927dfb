//! A report for a terminal: one line for each check, and an explanation below each failed one.

use super::Paint;
use crate::advice::advice;
use crate::check::Area;
use crate::finding::{Finding, Report};
use crate::outcome::Stop;
use crate::text::Lang;

/// How many exchanges a failed check shows: the last ones, which decided.
const SHOWN: usize = 4;

pub(super) fn show(report: &Report, lang: Lang, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = String::new();
    for learnt in &report.learnt {
        out += &paint.grey(&format!("{}\n", learnt.in_lang(lang)));
    }
    for area in Area::ALL {
        let findings: Vec<_> = report.findings.iter().filter(|finding| finding.check.area == area).collect();
        if !findings.is_empty() {
            out += &format!("\n{}\n", paint.bold(area.label(lang)));
            findings.into_iter().for_each(|finding| out += &lines(finding, lang, &paint));
        }
    }
    for (number, cause) in report.causes().iter().enumerate() {
        let (title, checks) = (cause.title.in_lang(lang), cause.checks.join(", "));
        out += &format!("\n{}. {}: {title}\n   {checks}\n", number + 1, cause.level.label(lang));
    }
    out += &format!("\n{}\n", paint.bold(&report.summary_in(lang)));
    out
}

fn lines(finding: &Finding, lang: Lang, paint: &Paint) -> String {
    let check = finding.check;
    let title = check.explanation().title.in_lang(lang);
    let what = format!("{:<9} {:<24} {title}", check.level.label(lang), check.id);
    match &finding.outcome {
        Ok(()) => format!("  {} {what}\n", paint.green("ok  ")),
        Err(Stop::Skipped(why)) => {
            format!("  {}\n", paint.grey(&format!("-    {what}: {}", why.in_lang(lang))))
        }
        Err(Stop::Failed(failure)) => {
            let mut lines = Vec::new();
            for exchange in last(&finding.exchanges) {
                lines.push(paint.grey(&format!("> {}", exchange.request_text())));
                lines.push(paint.grey(&format!("< {}", exchange.response_text(lang))));
            }
            for request in last(&finding.person_requests) {
                lines.push(paint.grey(&format!("person < {}", request.in_lang(lang))));
            }
            lines.push(failure.text.in_lang(lang).to_owned());
            lines.extend(explanation(finding, lang));
            let lines: String = lines.iter().map(|line| format!("         {line}\n")).collect();
            format!("  {} {what}\n{lines}", paint.red("FAIL"))
        }
    }
}

fn last<T>(items: &[T]) -> &[T] {
    &items[items.len().saturating_sub(SHOWN)..]
}

fn explanation(finding: &Finding, lang: Lang) -> Vec<String> {
    let [lab, why, fix, flask] = match lang {
        Lang::En => ["Lab:  ", "Why:  ", "Fix:  ", "Flask:"],
        Lang::Fr => ["Sujet :     ", "Pourquoi :  ", "Correction :", "Flask :"],
    };
    let (check, advice) = (finding.check, advice(finding));
    let mut lines: Vec<_> = [(lab, check.lab), (why, &check.explanation().why), (fix, &advice.fix)]
        .into_iter()
        .map(|(label, text)| format!("{label} {}", text.in_lang(lang)))
        .collect();
    if let Some(code) = advice.flask {
        lines.push(flask.to_owned());
        lines.extend(code.lines().map(|line| format!("    {line}")));
    }
    lines
}
