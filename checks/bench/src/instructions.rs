//! The user instructions of a request, counted by callgrind: the same twice in a row within one percent, on whatever
//! machine and beside whatever load. Waiting, system calls and caches are not in it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::callgrind::{Counts, parse};
use crate::contenders::{
    Prepared, RECORD, add_first_person, add_first_record, person, prepare_health, prepare_person, token,
};
use crate::fill::send;
use crate::process::Process;

/// The first requests, which also grow tables and buffers, are not counted.
const BEFORE: u32 = 500;
const COUNTED: u32 = 2000;

/// Counts, and returns the table.
pub(crate) fn table(folder: &Path) -> String {
    let new = r#"{"name":"Charles Babbage"}"#;
    let mut text = "| user instructions | a request |\n|---|---:|\n".to_owned();
    for (what, count) in [
        ("`GET /persons/{id}`", of_person(folder, "GET", "/persons/1", "")),
        ("`POST /persons`", of_person(folder, "POST", "/persons", new)),
        ("`GET /health/{id}`, health alone", of_health(folder, "GET", "")),
        ("`PUT /health/{id}`, health alone", of_health(folder, "PUT", RECORD)),
    ] {
        text += &format!("| {what} | {count} |\n");
    }
    text
}

fn of_person(folder: &Path, method: &'static str, path: &'static str, body: &'static str) -> i64 {
    difference(|requests| {
        let folder = tempfile::tempdir_in(folder).expect("the folder is writable");
        let store = folder.path().join("person.db");
        counted(prepare_person(&store.to_string_lossy(), folder.path()), folder.path(), |person| {
            add_first_person(person, &token());
            send(person.address, method, path, body, &token(), (1, requests), 1);
        })
    })
}

fn of_health(folder: &Path, method: &'static str, body: &'static str) -> i64 {
    difference(|requests| {
        let folder = tempfile::tempdir_in(folder).expect("the folder is writable");
        let (person, _) = person(folder.path());
        add_first_person(&person, &token());
        counted(prepare_health(folder.path(), &person), folder.path(), |health| {
            add_first_record(health, &token());
            send(health.address, method, "/health/1", body, &token(), (1, requests), 1);
        })
    })
}

/// Returns the instructions of one request, from two runs of different length.
fn difference(run: impl Fn(u32) -> i64) -> i64 {
    (run(BEFORE + COUNTED) - run(BEFORE)) / i64::from(COUNTED)
}

/// Runs a service under callgrind, and returns its instructions.
fn counted(service: Prepared, folder: &Path, work: impl FnOnce(&Process)) -> i64 {
    let output = folder.join("callgrind");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", &format!("--callgrind-out-file={}", output.display())]);
    command.arg(service.command.get_program());
    command.envs(service.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let (process, _) = Prepared { command, ..service }.start();
    work(&process);
    // Ends it in order, and callgrind writes the file.
    drop(process);
    let text = fs::read_to_string(output).expect("valgrind is installed: Debian's package is `valgrind`");
    let counts: Counts<'_> = parse(&text);
    counts.values().sum()
}
