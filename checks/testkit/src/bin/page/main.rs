//! `docs/run`: runs the commands of a page, and reports by page and line each command whose output differs.

mod flask;
mod services;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use services::Services;
use testkit::console::{Mark, Page};

const USAGE: &str = "Runs the commands of a page and compares their output with the page.

Usage: docs/run [--running | --flask] PAGE

  PAGE         such as docs/walkthrough.md; each block after <!-- run --> is run;
               with LANGUAGE=fr for a page in a folder fr or named NAME.fr.md
  --running    use the services that run at the usual addresses, or at those in
               AUTH_LISTEN, PERSON_LISTEN and HEALTH_LISTEN, from the folder that
               they were started in; the page expects empty stores. Without this
               option, new services are started on free ports, in a temporary
               folder
  --flask      run the blocks after <!-- run: flask --> instead, in a temporary
               folder with no services; the commands start theirs. It needs
               Python 3, and the first time a package index, for Flask

It needs curl and jq. The exit code is 0 if all output is as shown, else 1.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (option, page) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        [option @ ("--running" | "--flask"), page] => (Some(*option), *page),
        [page] if !page.starts_with('-') => (None, *page),
        _ => return refuse(USAGE),
    };
    let page = match Page::read(Path::new(page)) {
        Ok(page) => page,
        Err(error) => return refuse(&format!("{page}: {error}\n")),
    };
    let (mark, services) = match option {
        Some("--running") => (Mark::Run, Services::running()),
        Some(_) => (Mark::RunWithFlask, Services::of_page(&project())),
        None => (Mark::Run, Services::start(&project())),
    };
    match services.and_then(|services| run(&page, mark, &services)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => refuse(&format!("{error}\n")),
    }
}

/// Runs the blocks of a page with this mark, and returns whether all output is as the page shows.
fn run(page: &Page, mark: Mark, services: &Services) -> Result<bool, String> {
    let commands = page.steps(mark).len();
    if commands == 0 {
        return Err(format!("{}: no block follows {}", page.name, mark.text()));
    }
    let mut shell = services.shell(page.language());
    let faults = page.faults(mark, &mut shell, &services.replaced());
    for fault in &faults {
        println!("{fault}\n");
    }
    let count = |mark| page.steps(mark).len();
    let left_out: String = [(Mark::RunInDocker, "Docker"), (Mark::RunWithFlask, "Flask")]
        .into_iter()
        .filter(|(other, _)| *other != mark && count(*other) > 0)
        .map(|(other, program)| format!("; {} that need {program} were not", count(other)))
        .collect();
    println!("{}: {commands} commands were run, {} differed{left_out}", page.name, faults.len());
    Ok(faults.is_empty())
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("testkit is in checks/").to_owned()
}

fn refuse(message: &str) -> ExitCode {
    eprint!("{message}");
    ExitCode::from(64)
}
