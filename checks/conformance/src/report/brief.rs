//! The usual report for a terminal: the causes, then the failed checks, one line each.

use std::collections::BTreeMap;

use super::Paint;
use crate::check::Level;
use crate::finding::Report;
use crate::text::Lang;

/// Fits a window without scrolling far.
const MOST_LINES: usize = 60;
/// So many failed checks are shown at least, however long the advice is.
const FEWEST_FAILED: usize = 10;
const MOST_CAUSES: usize = 6;
const MOST_REASONS: usize = 6;
/// About the width of a window.
const WIDTH: usize = 150;

pub(super) fn show(report: &Report, lang: Lang, colour: bool) -> String {
    let paint = Paint { colour };
    let mut lines: Vec<String> = report.learnt.iter().map(|text| text.in_lang(lang).to_owned()).collect();
    let causes = report.causes();
    if !causes.is_empty() {
        lines.push(String::new());
        lines.push(paint.bold(in_lang(
            lang,
            "Causes, the most important first:",
            "Causes, la plus importante d'abord :",
        )));
    }
    for (number, cause) in causes.iter().take(MOST_CAUSES).enumerate() {
        let level = cause.level.label(lang);
        let more = match cause.checks.len() {
            1 => String::new(),
            count => format!(" ({count} {})", in_lang(lang, "checks", "contrôles")),
        };
        lines.push(paint.red(&cut(&format!(
            "{:>2}. {level}: {}{more}",
            number + 1,
            cause.title.in_lang(lang)
        ))));
        lines.extend(wrapped(cause.advice.in_lang(lang)));
    }
    let skipped = skipped(report, lang);
    let room = MOST_LINES.saturating_sub(lines.len() + skipped.len() + 5).max(FEWEST_FAILED);
    lines.push(String::new());
    let failed: Vec<_> = report.findings.iter().filter(|finding| finding.verdict() == "failed").collect();
    let mut sorted = failed.clone();
    sorted.sort_by_key(|finding| finding.check.level);
    for finding in sorted.iter().take(room) {
        let reason = finding.reason().map(|text| text.in_lang(lang)).unwrap_or_default();
        let level = finding.check.level.label(lang);
        lines.push(cut(&format!("FAIL {level:<9} {:<22} {reason}", finding.check.id)));
    }
    if failed.len() > room {
        let rest = failed.len() - room;
        lines.push(match lang {
            Lang::En => format!("… and {rest} more"),
            Lang::Fr => format!("… et {rest} autres"),
        });
    }
    lines.extend(skipped);
    lines.push(paint.grey(in_lang(
        lang,
        "--verbose shows each check with its requests, --explain ID one check.",
        "--verbose montre chaque contrôle avec ses requêtes, --explain ID un contrôle.",
    )));
    lines.push(paint.bold(&report.summary_in(lang)));
    lines.join("\n") + "\n"
}

/// Returns a line for each reason why checks were not run.
fn skipped(report: &Report, lang: Lang) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.verdict() == "skipped") {
        let reason = finding.reason().map(|text| text.in_lang(lang)).unwrap_or_default();
        let count = counts.entry(reason).or_default();
        count.0 += 1;
        count.1 += usize::from(finding.check.level == Level::Required);
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let not_run = in_lang(lang, "not run", "non lancés");
    let line =
        |(reason, (count, _)): &(&str, (usize, usize))| cut(&format!("{count:>4} {not_run}: {reason}"));
    counts.iter().take(MOST_REASONS).map(line).collect()
}

fn in_lang<'t>(lang: Lang, en: &'t str, fr: &'t str) -> &'t str {
    match lang {
        Lang::En => en,
        Lang::Fr => fr,
    }
}

/// Returns an indented text in as many lines as it needs.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                *line += &format!(" {word}")
            }
            _ => lines.push(format!("    {word}")),
        }
    }
    lines
}

fn cut(line: &str) -> String {
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    line.chars().take(WIDTH - 1).chain(['…']).collect()
}
