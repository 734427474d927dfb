//! Checks a version of the lab, and prints the report.

mod options;

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use conformance::class::{Version, check_class, table};
use conformance::report::{Format, grid, list};
use conformance::{Check, Lang, Plan, RunError};
use options::{Command, help, lang, parse};

const EXIT_FAILED: u8 = 1;
const EXIT_NOTHING_CHECKED: u8 = 2;
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    match parse(&arguments) {
        Err(message) => fail(&format!("{message}\n\n{}", help(lang(&arguments))), EXIT_USAGE),
        Ok((Command::Help, lang)) => print(help(lang)),
        Ok((Command::Version, _)) => print(&format!("conformance {}\n", env!("CARGO_PKG_VERSION"))),
        Ok((Command::List(Format::Markdown), lang)) => print(&list::markdown(lang)),
        Ok((Command::List(Format::Grid), lang)) => print(&grid::empty(lang)),
        Ok((Command::List(_), lang)) => print(&list::lines(lang)),
        Ok((Command::Explain(check), lang)) => print(&list::explain(check, lang)),
        Ok((Command::Check(plan, format), lang)) => check(*plan, format, lang),
        Ok((Command::Compose(folder, plan, format), lang)) => compose(&folder, *plan, format, lang),
        Ok((Command::Class(folder, plan), lang)) => class(&folder, &plan, lang),
    }
}

fn check(plan: Plan, format: Format, lang: Lang) -> ExitCode {
    match conformance::run(plan, show_progress) {
        Err(RunError::CannotPlay(address, error)) => fail(
            &match lang {
                Lang::En => format!(
                    "cannot play person at {address}: {error}. Is person still there? Start it at another port, and give \
                     it with --person"
                ),
                Lang::Fr => format!(
                    "impossible de jouer le service Personne sur {address} : {error}. Y est-il encore ? Démarrez-le sur \
                     un autre port, indiqué par --person"
                ),
            },
            EXIT_NOTHING_CHECKED,
        ),
        Err(RunError::NoAnswer) => fail(
            match lang {
                Lang::En => "none of the services answers; is the version started?",
                Lang::Fr => "aucun des services ne répond ; la version est-elle démarrée ?",
            },
            EXIT_NOTHING_CHECKED,
        ),
        Ok(report) => {
            clear_progress();
            let format = match format {
                Format::Terminal { verbose, .. } => Format::Terminal { colour: shows_colour(), verbose },
                other => other,
            };
            print(&report.show(format, lang));
            if report.has_nothing() {
                return ExitCode::from(EXIT_NOTHING_CHECKED);
            }
            if report.meets_the_lab() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) }
        }
    }
}

/// Starts a version with Compose, checks it with a restart, and takes it down.
fn compose(folder: &Path, plan: Plan, format: Format, lang: Lang) -> ExitCode {
    let log = env::temp_dir().join(format!("conformance-compose-{}.log", std::process::id()));
    match Version::start(folder, &plan, &log) {
        Err(reason) => fail(&format!("{} ({})", reason.in_lang(lang), log.display()), EXIT_NOTHING_CHECKED),
        Ok(version) => {
            let restart = plan.restart.clone().or_else(|| version.restart_command());
            let code = check(Plan { restart, ..plan }, format, lang);
            version.stop();
            code
        }
    }
}

fn class(folder: &Path, plan: &Plan, lang: Lang) -> ExitCode {
    let progress = |name: &str| eprintln!("{name}…");
    match check_class(folder, plan, lang, progress) {
        Err(error) => fail(&format!("{}: {error}", folder.display()), EXIT_NOTHING_CHECKED),
        Ok(rows) => print(&table(&rows, lang)),
    }
}

/// Whether standard output is a terminal and `NO_COLOR` is not set: <https://no-color.org>.
fn shows_colour() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes to standard error, so that standard output has the report only.
fn show_progress(done: usize, all: usize, check: &Check) {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K{}/{all} {}", done + 1, check.id);
    }
}

fn clear_progress() {
    if io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}

fn print(text: &str) -> ExitCode {
    // Fails if the reader closes the pipe early, for example `| head -1`.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn fail(message: &str, code: u8) -> ExitCode {
    eprintln!("conformance: {message}");
    ExitCode::from(code)
}
