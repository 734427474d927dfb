//! Checks a folder of versions, one after the other, and makes one table.

mod table;
mod version;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::fields::Fields;
use crate::finding::Report;
use crate::plan::Plan;
use crate::report::Format;
use crate::run::run;
use crate::text::{Lang, Text, formatted, text};

pub use version::Version;
use version::{in_use, wait_until_free};

/// Where the reports go, below the folder of the class.
const REPORTS: &str = "reports";

/// The result of one version.
#[derive(Debug)]
pub struct Row {
    /// The name of its folder.
    pub name: String,
    /// Its report, or the reason why there is none.
    pub result: Result<Report, Text>,
    /// What happened at its end, if anything did.
    pub note: Option<Text>,
}

/// Checks each version in a folder, and writes the reports and the table. Calls `progress` before each version.
///
/// # Errors
/// Returns the error of the system if the folder cannot be read or written.
pub fn check_class(folder: &Path, plan: &Plan, lang: Lang, progress: impl Fn(&str)) -> io::Result<Vec<Row>> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    folders.retain(|path| path.is_dir() && !path.ends_with(REPORTS));
    folders.sort();
    let reports = folder.join(REPORTS);
    fs::create_dir_all(&reports)?;
    let mut rows: Vec<Row> = Vec::new();
    for path in folders {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        progress(&name);
        let mut row = check_version(&name, &path, plan, &reports);
        if let Err(reason) = &mut row.result
            && let Some(left) = rows.iter().rev().find(|row| row.note.is_some())
            && in_use(plan).is_some()
        {
            let [en, fr] = [Lang::En, Lang::Fr].map(|lang| reason.in_lang(lang).to_owned());
            *reason = formatted(
                format!("{en} (left by {})", left.name),
                format!("{fr} (laissé par {})", left.name),
            );
        }
        let markdown = match &row.result {
            Ok(report) => report.show(Format::Grid, lang) + "\n" + &report.show(Format::Markdown, lang),
            Err(reason) => format!("**{}**\n", reason.in_lang(lang)),
        };
        fs::write(reports.join(format!("{name}.md")), markdown)?;
        rows.push(row);
    }
    fs::write(reports.join("table.csv"), table::csv(&rows, lang))?;
    fs::write(reports.join("table.txt"), table::text(&rows, lang))?;
    Ok(rows)
}

/// Returns the table for a terminal.
pub fn table(rows: &[Row], lang: Lang) -> String {
    table::text(rows, lang)
}

fn check_version(name: &str, path: &Path, plan: &Plan, reports: &Path) -> Row {
    let row = |result, note| Row { name: name.to_owned(), result, note };
    if let Err(reason) = wait_until_free(plan) {
        return row(Err(reason), None);
    }
    let mut plan = plan.clone();
    match fields_of(path) {
        Ok(Some(fields)) => plan.fields = fields,
        Ok(None) => {}
        Err(error) => return row(Err(formatted(&error, &error)), None),
    }
    // A login at another program must not let the checker into this version.
    plan.auth_guesses.retain(|url| !version::is_in_use(url));
    let log = reports.join(format!("{name}.log"));
    let version = match Version::start(path, &plan, &log) {
        Ok(version) => version,
        Err(reason) => return row(Err(reason), None),
    };
    plan.restart = plan.restart.or_else(|| version.restart_command());
    let result = run(plan.clone(), |_, _, _| {}).map_err(|error| {
        formatted(format!("nothing was checked: {error:?}"), format!("rien n'a été contrôlé : {error:?}"))
    });
    version.stop();
    row(result, wait_until_free(&plan).err())
}

/// Returns the fields file of a version: `NAME.json` beside its folder, or `fields.json` in it.
fn fields_of(path: &Path) -> Result<Option<Fields>, String> {
    let files = [path.with_extension("json"), path.join("fields.json")];
    let Some(file) = files.into_iter().find(|file| file.is_file()) else { return Ok(None) };
    let parsed =
        fs::read_to_string(&file).map_err(|error| error.to_string()).and_then(|json| Fields::parse(&json));
    parsed.map(Some).map_err(|error| format!("{}: {error}", file.display()))
}

const NO_START: Text = text(
    "it has neither compose.yml nor an executable `start`",
    "elle n'a ni compose.yml ni un exécutable `start`",
);
