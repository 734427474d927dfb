//! `docs/run`: runs the commands of a page, and says by page and line which of them print something else.

mod lab;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lab::Lab;
use testkit::console::{Mark, Page};

const USAGE: &str = "Runs the commands of a page and compares what they print with what the page shows.

Usage: docs/run [--running] PAGE

  PAGE         such as docs/walkthrough.md; what stands after <!-- run --> is run
  --running    in the lab that runs at the usual addresses, or at those that
               AUTH_LISTEN, PERSON_LISTEN and HEALTH_LISTEN name, from the folder
               where one is; the page wants it new. Without this: in a new lab,
               on free ports, in a temporary folder

It takes curl and jq. A page that is true ends with 0, one that is not with 1.
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
    let lab = if running { Lab::running() } else { Lab::start(&project()) };
    match lab.and_then(|lab| run(&page, &lab)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => refuse(&format!("{error}\n")),
    }
}

/// Runs a page; gives whether it is true.
fn run(page: &Page, lab: &Lab) -> Result<bool, String> {
    let commands = page.steps(Mark::Run).len();
    if commands == 0 {
        return Err(format!("{}: it has no command to run without Docker", page.name));
    }
    let faults = page.faults(Mark::Run, &mut lab.shell(), &lab.replaced());
    for fault in &faults {
        println!("{fault}\n");
    }
    let left_out = match page.steps(Mark::RunInDocker).len() {
        0 => String::new(),
        count => format!("; {count} that take Docker were not"),
    };
    println!("{}: {commands} commands were run, {} differed{left_out}", page.name, faults.len());
    Ok(faults.is_empty())
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("testkit is in checks/").to_owned()
}

fn refuse(sentence: &str) -> ExitCode {
    eprint!("{sentence}");
    ExitCode::from(64)
}
