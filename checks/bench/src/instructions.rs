//! The user instructions of a request, counted by callgrind: nearly the same at each run, whatever else the machine does.
//! Waiting, system calls and caches are not in them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::callgrind::{Counts, parse};
use crate::contenders::{
    Prepared, RECORD, add_first_person, add_first_record, person, prepare_health, prepare_person, token,
};
use crate::fill::send;
use crate::process::Process;

/// The first requests, which also grow tables and buffers, are not counted.
const BEFORE: u32 = 500;
const COUNTED: u32 = 2000;
/// A smaller difference between two runs is chance.
const TOLERANCE: f64 = 0.03;
/// A function with fewer instructions a request is not named.
const NAMED: i64 = 300;
const COMMITTED: &str = "checks/bench/instructions.txt";

/// Counts, and returns the table.
pub(crate) fn table(folder: &Path) -> String {
    let heading = "| | user instructions a request |\n|---|---:|\n".to_owned();
    measure(folder)
        .iter()
        .fold(heading, |text, cost| text + &format!("| `{}` | {} |\n", cost.route, cost.total()))
}

/// Counts, and writes the figures that [`check`] compares with.
pub(crate) fn write(folder: &Path) -> ExitCode {
    let text: String = measure(folder).iter().map(Cost::lines).collect();
    fs::write(COMMITTED, text).expect("the figures are in the repository");
    ExitCode::SUCCESS
}

/// Counts, and fails if a route has grown beyond chance. Prints the functions that grew most.
pub(crate) fn check(folder: &Path) -> ExitCode {
    let text = fs::read_to_string(COMMITTED).expect("the figures are in the repository");
    let committed = Cost::parse(&text);
    let mut code = ExitCode::SUCCESS;
    for cost in measure(folder) {
        let before =
            committed.iter().find(|before| before.route == cost.route).expect("every route was written");
        let growth = cost.total() as f64 / before.total() as f64 - 1.0;
        println!(
            "{}: {} → {} user instructions ({:+.1} %)",
            cost.route,
            before.total(),
            cost.total(),
            growth * 100.0
        );
        if growth > TOLERANCE {
            print!("{}", cost.growth_since(before));
            code = ExitCode::FAILURE;
        } else if growth < -TOLERANCE {
            println!("  keep this: `checks/bench/run instructions --write`");
        }
    }
    code
}

/// What a request costs.
struct Cost {
    route: String,
    /// The instructions of each function; those of small ones together have no name.
    functions: Counts,
}

impl Cost {
    fn total(&self) -> i64 {
        self.functions.values().sum()
    }

    /// Returns the total with the route, and a line for each function.
    fn lines(&self) -> String {
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by_key(|(name, count)| (-**count, name.as_str()));
        let mut text = format!("{} {}\n", self.total(), self.route);
        for (name, count) in functions {
            writeln!(text, "  {count} {name}").expect("writing to a string cannot fail");
        }
        text
    }

    fn parse(text: &str) -> Vec<Self> {
        let mut costs: Vec<Self> = Vec::new();
        for line in text.lines() {
            let (count, name) = line.trim_start().split_once(' ').expect("a count and a name");
            match costs.last_mut().filter(|_| line.starts_with(' ')) {
                None => costs.push(Self { route: name.to_owned(), functions: Counts::new() }),
                Some(cost) => {
                    cost.functions.insert(name.to_owned(), count.parse().expect("a number"));
                }
            }
        }
        costs
    }

    /// Returns lines with the five functions that have grown most.
    fn growth_since(&self, before: &Self) -> String {
        let growth =
            |(name, count): (&String, &i64)| (count - before.functions.get(name).unwrap_or(&0), name.clone());
        let mut grown: Vec<_> = self.functions.iter().map(growth).collect();
        grown.sort_by_key(|(more, _)| -more);
        grown.iter().take(5).map(|(more, name)| format!("  {more:+} {name}\n")).collect()
    }
}

fn measure(folder: &Path) -> Vec<Cost> {
    let new = r#"{"name":"Charles Babbage"}"#;
    vec![
        of_person(folder, "GET", "/persons/{id}", "/persons/1", ""),
        of_person(folder, "POST", "/persons", "/persons", new),
        of_health(folder, "GET", ""),
        of_health(folder, "PUT", RECORD),
    ]
}

fn of_person(
    folder: &Path,
    method: &'static str,
    template: &str,
    path: &'static str,
    body: &'static str,
) -> Cost {
    let functions = difference(|requests| {
        let folder = tempfile::tempdir_in(folder).expect("the folder is writable");
        let store = folder.path().join("person.db");
        counted(prepare_person(&store.to_string_lossy(), folder.path()), folder.path(), |person| {
            add_first_person(person, &token());
            send(person.address, method, path, body, &token(), (1, requests), 1);
        })
    });
    Cost { route: format!("{method} {template}"), functions }
}

/// Without person's part.
fn of_health(folder: &Path, method: &'static str, body: &'static str) -> Cost {
    let functions = difference(|requests| {
        let folder = tempfile::tempdir_in(folder).expect("the folder is writable");
        let (person, _) = person(folder.path());
        add_first_person(&person, &token());
        counted(prepare_health(folder.path(), &person), folder.path(), |health| {
            add_first_record(health, &token());
            send(health.address, method, "/health/1", body, &token(), (1, requests), 1);
        })
    });
    Cost { route: format!("{method} /health/{{id}}"), functions }
}

/// Returns the counts of one request, from two runs of different length.
fn difference(run: impl Fn(u32) -> Counts) -> Counts {
    let (short, long) = (run(BEFORE), run(BEFORE + COUNTED));
    let mut counts = Counts::new();
    let mut small = 0;
    for (name, count) in long {
        let more = count - short.get(&name).unwrap_or(&0);
        match more / i64::from(COUNTED) {
            count if count >= NAMED => {
                counts.insert(name, count);
            }
            _ => small += more,
        }
    }
    counts.insert("(small functions)".to_owned(), small / i64::from(COUNTED));
    counts
}

/// Runs a service under callgrind, and returns its instructions.
fn counted(service: Prepared, folder: &Path, work: impl FnOnce(&Process)) -> Counts {
    let output = folder.join("callgrind");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={}", output.display())]);
    command.arg(service.command.get_program());
    command.envs(service.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let (process, _) = Prepared { command, ..service }.start();
    work(&process);
    // Ends it in order, and callgrind writes the file.
    drop(process);
    parse(&fs::read_to_string(output).expect("valgrind is installed: Debian's package is `valgrind`"))
}
