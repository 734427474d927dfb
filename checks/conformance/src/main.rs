//! Checks a version of the lab, and shows what came of it.

mod options;

use std::env;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use conformance::report::{Format, list};
use conformance::{Check, Lang, Plan, Refusal};
use options::{HELP, Request, Shape, parse};

const EXIT_FAILED: u8 = 1;
const EXIT_NOTHING_CHECKED: u8 = 2;
const EXIT_USAGE: u8 = 64;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    match parse(&arguments) {
        Err(wrong) => refuse(&format!("{wrong}\n\n{HELP}"), EXIT_USAGE),
        Ok((Request::Help, _)) => print(HELP),
        Ok((Request::Version, _)) => print(&format!("conformance {}\n", env!("CARGO_PKG_VERSION"))),
        Ok((Request::List(Shape::Markdown), lang)) => print(&list::markdown(lang)),
        Ok((Request::List(_), lang)) => print(&list::lines(lang)),
        Ok((Request::Explain(check), lang)) => print(&list::explain(check, lang)),
        Ok((Request::Check(plan, shape), lang)) => check(*plan, shape, lang),
    }
}

fn check(plan: Plan, shape: Shape, lang: Lang) -> ExitCode {
    let format = match shape {
        Shape::Terminal => Format::Terminal { colour: shows_colour() },
        Shape::Json => Format::Json,
        Shape::Junit => Format::Junit,
        Shape::Markdown => Format::Markdown,
    };
    match conformance::run(plan, progress) {
        Err(Refusal::CannotPlay(address, error)) => {
            refuse(&format!("cannot play person at {address}: {error}"), EXIT_NOTHING_CHECKED)
        }
        Err(Refusal::NobodyAnswers) => {
            refuse("none of the services answers; is the version started?", EXIT_NOTHING_CHECKED)
        }
        Ok(report) => {
            clear_progress();
            print(&report.show(format, lang));
            if report.meets_the_lab() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) }
        }
    }
}

/// Where the terminal is one, and nobody asked for none: <https://no-color.org>.
fn shows_colour() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// On standard error, so that a report may be sent elsewhere.
fn progress(done: usize, all: usize, check: &Check) {
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
    // A reader that has had enough, as `| head -1`, is no failure.
    let _ = io::stdout().write_all(text.as_bytes());
    ExitCode::SUCCESS
}

fn refuse(sentence: &str, code: u8) -> ExitCode {
    eprintln!("conformance: {sentence}");
    ExitCode::from(code)
}
