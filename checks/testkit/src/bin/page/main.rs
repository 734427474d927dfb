//! `docs/run`: runs the commands of a page, and reports by page and line each command whose output differs.

mod services;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use services::Services;
use testkit::console::{Mark, Page};

const USAGE: &str = "Runs the commands of a page and compares their output with the page.

Usage: docs/run [--running] PAGE

  PAGE         such as docs/walkthrough.md; each block after <!-- run --> is run;
               with LANGUAGE=fr for a page in a folder fr or named NAME.fr.md
  --running    use the services that run at the usual addresses, or at those in
               AUTH_LISTEN, PERSON_LISTEN and HEALTH_LISTEN, from the folder that
               they were started in; the page expects empty stores. Without this
               option, new services are started on free ports, in a temporary
               folder

It needs curl and jq. The exit code is 0 if all output is as shown, else 1.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (running, page) = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--help" | "-h"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        ["--running", page] => (true, *page),
        [page] if !page.starts_with('-') => (false, *page),
        _ => return refuse(USAGE),
    };
    let page = match Page::read(Path::new(page)) {
        Ok(page) => page,
        Err(error) => return refuse(&format!("{page}: {error}\n")),
    };
    let services = if running { Services::running() } else { Services::start(&project()) };
    match services.and_then(|services| run(&page, &services)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => refuse(&format!("{error}\n")),
    }
}

/// Runs a page, and returns whether all output is as the page shows.
fn run(page: &Page, services: &Services) -> Result<bool, String> {
    let commands = page.steps(Mark::Run).len();
    if commands == 0 {
        return Err(format!("{}: it has no command to run without Docker", page.name));
    }
    let faults = page.faults(Mark::Run, &mut services.shell(page.language()), &services.replaced());
    for fault in &faults {
        println!("{fault}\n");
    }
    let left_out = match page.steps(Mark::RunInDocker).len() {
        0 => String::new(),
        count => format!("; {count} that need Docker were not"),
    };
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
