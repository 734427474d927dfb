//! Benchmark: compares the services with bare servers and with the lab in Flask and in axum. `checks/bench/run` builds
//! everything and starts this program.

mod callgrind;
mod cluster;
mod contenders;
mod disk;
mod fill;
mod instructions;
mod load;
mod process;
mod scale;
mod start;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use crate::contenders::{
    PERSON, RECORD, add_first_person, add_first_record, axum, bare_server, flask, health, other_token,
    person, token,
};
use crate::load::Request;
use crate::process::Process;
use crate::table::{Comparison, Contender, HEADING, Load};

/// The number of persons for random reads.
const MANY: u32 = 100_000;
const OUTPUT: &str = "target/bench.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // A folder on disk: in a tmpfs, syncs would take no time.
    let folder = tempfile::tempdir_in("target").expect("`target` exists");
    let text = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(folder.path(), 5, 3),
        ["--quick"] => compare(folder.path(), 1, 1),
        ["scale"] => scale::table(folder.path(), 1_000_000),
        ["scale", "--quick"] => scale::table(folder.path(), 20_000),
        ["cluster"] => cluster::table(folder.path(), 5, 5),
        ["cluster", "--quick"] => cluster::table(folder.path(), 1, 2),
        ["instructions"] => instructions::table(folder.path()),
        ["instructions", "--check"] => return instructions::check(folder.path()),
        ["instructions", "--write"] => return instructions::write(folder.path()),
        ["start"] => start::table(folder.path()),
        _ => {
            eprintln!("usage: checks/bench/run [scale|start|cluster|instructions] [--quick]");
            return ExitCode::from(64);
        }
    };
    fs::write(OUTPUT, &text).expect("`target` is writable");
    println!("{text}\n(also in {OUTPUT})");
    ExitCode::SUCCESS
}

/// Returns a contender that receives requests at the first of these processes. It may call the others.
fn http<'p>(
    name: &'static str,
    processes: &[&'p Process],
    request: &Request,
    connections: u32,
) -> Contender<'p> {
    let load = Load::Http { processes: processes.to_vec(), request: request.clone(), connections };
    Contender { name, load }
}

/// Compares the services, the bare servers and the other labs on the same routes, and returns the table.
fn compare(folder: &Path, rounds: u32, seconds: u32) -> String {
    let (token, other_token) = (token(), other_token());
    let bare = bare_server(PERSON, None);
    let relay = bare_server(RECORD, Some(&bare));
    let (person, _) = person(folder);
    let (health, _) = health(folder, &person);
    let [flask_person, flask_health] = flask(folder);
    let [axum_person, axum_health] = axum(folder);
    for (person, health, token) in [
        (&person, &health, &token),
        (&axum_person, &axum_health, &other_token),
        (&flask_person, &flask_health, &other_token),
    ] {
        add_first_person(person, token);
        add_first_record(health, token);
    }

    let request = |method, path, ids, body, token: &str| Request {
        method,
        path,
        ids,
        body,
        tokens: vec![token.to_owned()],
    };
    let new = r#"{"name":"Charles Babbage"}"#;
    let [read, read_many] = [1, MANY].map(|ids| request("GET", "/persons/{}", ids, "", &token));
    let create = request("POST", "/persons", 1, new, &token);
    let [get, put] =
        [("GET", ""), ("PUT", RECORD)].map(|(method, body)| request(method, "/health/{}", 1, body, &token));
    let as_other = |request: &Request| Request { tokens: vec![other_token.clone()], ..request.clone() };

    let mut text = HEADING.to_owned();
    let mut add = |what, contenders| text += &Comparison { what, contenders }.lines(folder, rounds, seconds);
    add(
        "`GET /persons/{id}`, one person",
        vec![
            http("bare server", &[&bare], &read, 64),
            http("person", &[&person], &read, 64),
            http("axum", &[&axum_person], &as_other(&read), 64),
            http("Flask", &[&flask_person], &as_other(&read), 64),
        ],
    );
    fill::fill(person.address, "POST", "/persons", new, &token, (2, MANY));
    add(
        "`GET /persons/{id}`, 100,000 at random",
        vec![http("bare server", &[&bare], &read_many, 64), http("person", &[&person], &read_many, 64)],
    );
    add(
        "`POST /persons`, durable",
        vec![
            Contender { name: "synced appends", load: Load::Disk },
            http("person, 1 connection", &[&person], &create, 1),
            http("person, 64", &[&person], &create, 64),
            http("person, 256", &[&person], &create, 256),
            http("axum, 1 connection", &[&axum_person], &as_other(&create), 1),
            http("axum, 64", &[&axum_person], &as_other(&create), 64),
            http("Flask, 64", &[&flask_person], &as_other(&create), 64),
        ],
    );
    add(
        "`GET /health/{id}`, two hops",
        vec![
            http("bare relay", &[&relay, &bare], &get, 64),
            http("health", &[&health, &person], &get, 64),
            http("axum", &[&axum_health, &axum_person], &as_other(&get), 64),
            http("Flask", &[&flask_health, &flask_person], &as_other(&get), 64),
        ],
    );
    add(
        "`PUT /health/{id}`, two hops, durable",
        vec![
            http("bare relay", &[&relay, &bare], &put, 64),
            http("health", &[&health, &person], &put, 64),
            http("axum", &[&axum_health, &axum_person], &as_other(&put), 64),
            http("Flask", &[&flask_health, &flask_person], &as_other(&put), 64),
        ],
    );
    text
}
