//! Compares stores of a million and a thousand records: rate of reads, memory, file sizes, start time, and the longest
//! write during compaction.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use testkit::Client;

use crate::contenders::{RECORD, health, person, token};
use crate::fill::fill;
use crate::load::{Request, wrk};
use crate::process::Process;
use crate::table::median;

const FEW: u32 = 1_000;
const SECONDS: u32 = 3;
const ROUNDS: usize = 5;

/// Person and health with this many records.
struct Stage {
    count: u32,
    person: Process,
    health: Process,
    started_in: [Duration; 2],
}

/// Measures both sizes and returns the table.
pub(crate) fn table(folder: &Path, many: u32) -> String {
    let stages = [FEW, many].map(|count| stage(&folder.join(count.to_string()), count));
    let mut text = "| | 1,000 | ".to_owned() + &format!("{many} | ratio |\n|---|---:|---:|---:|\n");
    for (what, path) in
        [("`GET /persons/{id}`, requests/s", "/persons/{}"), ("`GET /health/{id}`, requests/s", "/health/{}")]
    {
        let measure = |stage: &Stage| {
            let of = if path.starts_with("/persons") { &stage.person } else { &stage.health };
            let request = Request { method: "GET", path, ids: stage.count, body: "", tokens: vec![token()] };
            wrk(folder, of.address, &request, 64, SECONDS).per_second
        };
        let rounds: Vec<_> = (0..ROUNDS).map(|_| [measure(&stages[0]), measure(&stages[1])]).collect();
        let [few, many] = [0, 1].map(|stage| median(rounds.iter().map(|round| round[stage])));
        let ratio = median(rounds.iter().map(|round| round[1] / round[0]));
        text += &format!("| {what} | {few:.0} | {many:.0} | {ratio:.2} |\n");
    }
    let mut line = |what: &str, of: &dyn Fn(&Stage) -> f64, digits: usize| {
        let [few, many] = [of(&stages[0]), of(&stages[1])];
        text += &format!("| {what} | {few:.digits$} | {many:.digits$} | |\n");
    };
    line("person's memory, MB", &|stage| stage.person.megabytes(), 1);
    line("health's memory, MB", &|stage| stage.health.megabytes(), 1);
    line("bytes of memory per record", &|stage| stage.health.megabytes() * 1e6 / f64::from(stage.count), 0);
    let size = |stage: &Stage, name: &str| {
        let file = folder.join(stage.count.to_string()).join(name);
        fs::metadata(file).expect("the store exists").len() as f64 / 1e6
    };
    line("person's database, MB", &|stage| size(stage, "person.db"), 1);
    line("health's log, MB", &|stage| size(stage, "health.jsonl"), 1);
    line("person: start to ready, ms", &|stage| stage.started_in[0].as_secs_f64() * 1e3, 0);
    line("health: start to ready, ms", &|stage| stage.started_in[1].as_secs_f64() * 1e3, 0);
    let [few, many] = stages.map(|stage| longest_write(&stage));
    for (part, what) in ["for the caller", "in the store"].into_iter().enumerate() {
        let [few, many] = [few[part], many[part]];
        text += &format!("| longest `PUT` during compaction, {what}, ms | {few:.1} | {many:.1} | |\n");
    }
    text
}

/// Fills both stores, then restarts the services.
fn stage(folder: &Path, count: u32) -> Stage {
    eprintln!("filling the stores with {count} records");
    fs::create_dir(folder).expect("the folder is writable");
    let (filled_person, _) = person(folder);
    let (filled_health, _) = health(folder, &filled_person);
    fill(filled_person.address, "POST", "/persons", r#"{"name":"Ada Lovelace"}"#, &token(), (1, count));
    fill(filled_health.address, "POST", "/health/{}", RECORD, &token(), (1, count));
    drop((filled_health, filled_person));
    let (person, person_start) = person(folder);
    let (health, health_start) = health(folder, &person);
    Stage { count, person, health, started_in: [person_start, health_start] }
}

/// Replaces records until the log has been compacted. Returns the longest time that another writer waited meanwhile, in
/// milliseconds: for the answer, and for the store alone (from `Server-Timing`).
fn longest_write(stage: &Stage) -> [f64; 2] {
    let client = Client::new(stage.health.address).with_token(&token());
    let compactions = || {
        let metrics = client.get("/metrics").expect(200).text();
        let line = metrics.lines().find_map(|line| line.strip_prefix("store_compactions_total "));
        line.and_then(|count| count.parse::<u32>().ok()).expect("a counter")
    };
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let probe = scope.spawn(|| {
            let record = serde_json::from_str(RECORD).expect("JSON");
            let mut longest = [0.0_f64; 2];
            while !done.load(Ordering::Relaxed) {
                let start = Instant::now();
                let answer = client.put("/health/1", &record).expect(200);
                let in_all = start.elapsed().as_secs_f64() * 1e3;
                let timing = answer.header("server-timing").expect("every answer has this header");
                let store = timing.split("store;dur=").nth(1).and_then(|rest| rest.parse().ok());
                let store = store.expect("the store's time is last");
                longest = [longest[0].max(in_all), longest[1].max(store)];
            }
            longest
        });
        while compactions() == 0 {
            fill(stage.health.address, "PUT", "/health/{}", RECORD, &token(), (1, stage.count / 4));
        }
        done.store(true, Ordering::Relaxed);
        probe.join().expect("all answers are 200")
    })
}
