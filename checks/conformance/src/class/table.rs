//! The table of a class.

use super::Row;
use crate::check::Level;
use crate::finding::Report;
use crate::grid::half_points;
use crate::report::grid::points;
use crate::text::Lang;

/// How many causes the table names.
const CAUSES: usize = 3;
/// Of a cause in the table for a terminal.
const WIDTH: usize = 60;

/// Returns the table for a terminal.
pub(super) fn text(rows: &[Row], lang: Lang) -> String {
    let cells: Vec<Vec<String>> =
        std::iter::once(head(lang)).chain(rows.iter().map(|row| cells(row, lang))).collect();
    let short = |cell: &String| cell.chars().take(WIDTH).collect::<String>();
    let width =
        |column: usize| cells.iter().map(|row| short(&row[column]).chars().count()).max().unwrap_or_default();
    let widths: Vec<_> = (0..cells[0].len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let padded =
            row.iter().zip(&widths).map(|(cell, width)| format!("{:<width$}", short(cell), width = *width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    cells.iter().map(line).collect()
}

/// Returns the table for a spreadsheet.
pub(super) fn csv(rows: &[Row], lang: Lang) -> String {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let line = |row: Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
    std::iter::once(head(lang)).chain(rows.iter().map(|row| cells(row, lang))).map(line).collect()
}

fn head(lang: Lang) -> Vec<String> {
    let names = match lang {
        Lang::En => [
            "version", "required", "expected", "robust", "not run", "points", "cause 1", "cause 2",
            "cause 3", "note",
        ],
        Lang::Fr => [
            "version",
            "exigé",
            "attendu",
            "robuste",
            "non lancés",
            "points",
            "cause 1",
            "cause 2",
            "cause 3",
            "remarque",
        ],
    };
    names.map(str::to_owned).to_vec()
}

fn cells(row: &Row, lang: Lang) -> Vec<String> {
    let mut cells = vec![row.name.clone()];
    let mut notes: Vec<&str> = Vec::new();
    match &row.result {
        Ok(report) => {
            cells.extend(Level::ALL.map(|level| fraction(report, level)));
            let skipped: usize = Level::ALL.into_iter().map(|level| report.count(level, "skipped")).sum();
            cells.push(skipped.to_string());
            cells.push(points(half_points(report), lang));
            let causes = report.causes();
            let titles = causes.iter().map(|cause| cause.title.in_lang(lang).to_owned());
            cells.extend(titles.chain(std::iter::repeat(String::new())).take(CAUSES));
            if report.is_locked_out {
                notes.extend(report.learnt.first().map(|line| line.in_lang(lang)));
            }
        }
        Err(reason) => {
            cells.extend(std::iter::repeat_n(String::new(), 5 + CAUSES));
            notes.push(reason.in_lang(lang));
        }
    }
    notes.extend(row.note.iter().map(|note| note.in_lang(lang)));
    cells.push(notes.join("; "));
    cells
}

fn fraction(report: &Report, level: Level) -> String {
    let all = report.findings.iter().filter(|finding| finding.check.level == level).count();
    format!("{}/{all}", report.count(level, "passed"))
}
