//! The marking grid of the practical, filled with the results, or empty for a page.

use crate::finding::Report;
use crate::grid::{CRITERIA, half_points};
use crate::text::Lang;

/// Returns the grid with the points of a version.
pub(crate) fn show(report: &Report, lang: Lang) -> String {
    let mut out = match lang {
        Lang::En => "| task | criterion | checks | points | failed or not run |\n|---|---|---|---|---|\n",
        Lang::Fr => {
            "| tâche | critère | contrôles | points | échoués ou non lancés |\n|---|---|---|---|---|\n"
        }
    }
    .to_owned();
    let not_run = if lang == Lang::En { "not run" } else { "non lancé" };
    for criterion in &CRITERIA {
        let failed = criterion.with_verdict(report, "failed").into_iter().map(|id| format!("`{id}`"));
        let skipped = criterion.with_verdict(report, "skipped");
        let skipped = skipped.into_iter().map(|id| format!("`{id}` ({not_run})"));
        out += &format!(
            "| {} | {} | {}/{} | {}/{} | {} |\n",
            criterion.task,
            criterion.title.in_lang(lang),
            criterion.passed(report),
            criterion.checks.len(),
            points(criterion.half_points(report), lang),
            criterion.points,
            failed.chain(skipped).collect::<Vec<_>>().join(", "),
        );
    }
    out + &format!("| | **total** | | **{}/{}** | |\n", points(half_points(report), lang), total())
}

/// Returns the grid with the points that can be earned.
pub fn empty(lang: Lang) -> String {
    let mut out = match lang {
        Lang::En => "| task | criterion | points | checks |\n|---|---|---|---|\n",
        Lang::Fr => "| tâche | critère | points | contrôles |\n|---|---|---|---|\n",
    }
    .to_owned();
    for criterion in &CRITERIA {
        let checks: Vec<_> = criterion.checks.iter().map(|id| format!("`{id}`")).collect();
        let title = criterion.title.in_lang(lang);
        out += &format!("| {} | {title} | {} | {} |\n", criterion.task, criterion.points, checks.join(", "));
    }
    out + &format!("| | **total** | **{}** | |\n", total())
}

/// Writes half points as points: `17`, `17.5`; in French `17,5`.
pub(crate) fn points(half_points: usize, lang: Lang) -> String {
    let half = match (half_points % 2, lang) {
        (0, _) => "",
        (_, Lang::En) => ".5",
        (_, Lang::Fr) => ",5",
    };
    format!("{}{half}", half_points / 2)
}

fn total() -> usize {
    CRITERIA.iter().map(|criterion| criterion.points).sum()
}
