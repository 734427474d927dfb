//! How fast the services are: beside bare servers, which are the floor, and beside the lab in Flask. `checks/bench/run`
//! builds all that is needed and calls this.

mod contenders;
mod disk;
mod fill;
mod load;
mod process;
mod scale;
mod start;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use crate::contenders::{
    PERSON, RECORD, add_first_person, add_first_record, flask_health, flask_person, flask_token, floor,
    health, person, relay, token,
};
use crate::load::Request;
use crate::process::Process;
use crate::table::{Comparison, Contender, HEADING, Load};

/// How many persons there are where one is drawn at random.
const MANY: u32 = 100_000;
const WRITTEN: &str = "target/bench.md";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // On the disk that is built on: a folder in memory would sync in no time.
    let folder = tempfile::tempdir_in("target").expect("`target` is there");
    let text = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(folder.path(), 5, 3),
        ["--quick"] => compare(folder.path(), 1, 1),
        ["scale"] => scale::table(folder.path(), 1_000_000),
        ["scale", "--quick"] => scale::table(folder.path(), 20_000),
        ["start"] => start::table(folder.path()),
        _ => {
            eprintln!("usage: checks/bench/run [scale|start] [--quick]");
            return ExitCode::from(64);
        }
    };
    fs::write(WRITTEN, &text).expect("`target` is ours");
    println!("{text}\n(also in {WRITTEN})");
    ExitCode::SUCCESS
}

/// One who is asked over HTTP: the first of these processes, which may ask the others.
fn of<'p>(
    name: &'static str,
    processes: &[&'p Process],
    request: &Request,
    connections: u32,
) -> Contender<'p> {
    let load = Load::Http { processes: processes.to_vec(), request: request.clone(), connections };
    Contender { name, load }
}

/// Our services, the floors and Flask, on the same routes.
fn compare(folder: &Path, rounds: u32, seconds: u32) -> String {
    let (token, flask_token) = (token(), flask_token());
    let floor = floor(PERSON);
    let relay = relay(&floor, RECORD);
    let (person, _) = person(folder);
    let (health, _) = health(folder, &person);
    let flask_person = flask_person(folder);
    let flask_health = flask_health(folder, &flask_person);
    for (person, health, token) in [(&person, &health, &token), (&flask_person, &flask_health, &flask_token)]
    {
        add_first_person(person, token);
        add_first_record(health, token);
    }

    let ask =
        |method, path, ids, body, token: &str| Request { method, path, ids, body, token: token.to_owned() };
    let new = r#"{"name":"Charles Babbage"}"#;
    let [read, read_many] = [1, MANY].map(|ids| ask("GET", "/persons/{}", ids, "", &token));
    let create = ask("POST", "/persons", 1, new, &token);
    let [get, put] =
        [("GET", ""), ("PUT", RECORD)].map(|(method, body)| ask(method, "/health/{}", 1, body, &token));
    let as_flask = |request: &Request| Request { token: flask_token.clone(), ..request.clone() };

    let mut text = HEADING.to_owned();
    let mut add = |what, contenders| text += &Comparison { what, contenders }.lines(folder, rounds, seconds);
    add(
        "`GET /persons/{id}`, one person",
        vec![
            of("bare server", &[&floor], &read, 64),
            of("person", &[&person], &read, 64),
            of("Flask", &[&flask_person], &as_flask(&read), 64),
        ],
    );
    fill::fill(person.address, "POST", "/persons", new, &token, (2, MANY));
    add(
        "`GET /persons/{id}`, 100,000 at random",
        vec![of("bare server", &[&floor], &read_many, 64), of("person", &[&person], &read_many, 64)],
    );
    add(
        "`POST /persons`, durable",
        vec![
            Contender { name: "synced appends", load: Load::Disk },
            of("person, 1 connection", &[&person], &create, 1),
            of("person, 64", &[&person], &create, 64),
            of("person, 256", &[&person], &create, 256),
            of("Flask, 64", &[&flask_person], &as_flask(&create), 64),
        ],
    );
    add(
        "`GET /health/{id}`, two hops",
        vec![
            of("bare relay", &[&relay, &floor], &get, 64),
            of("health", &[&health, &person], &get, 64),
            of("Flask", &[&flask_health, &flask_person], &as_flask(&get), 64),
        ],
    );
    add(
        "`PUT /health/{id}`, two hops, durable",
        vec![
            of("bare relay", &[&relay, &floor], &put, 64),
            of("health", &[&health, &person], &put, 64),
            of("Flask", &[&flask_health, &flask_person], &as_flask(&put), 64),
        ],
    );
    text
}
