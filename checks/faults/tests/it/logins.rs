//! Guessing, floods, and what the logs say.

mod alike;
mod flood;
mod guessing;
mod logs;
mod markers;
mod names;

use std::fs;

use serde_json::json;
use testkit::{Answer, Client};

const PASSWORD: &str = "analytical engine";
const WRONG: &str = "difference engine";
/// What a hash needs on each thread.
const HASH_KIB: u64 = 19 * 1024;

fn register(auth: &Client, username: &str) {
    let _ = auth.post("/register", &json!({"username": username, "password": PASSWORD})).expect(201);
}

fn log_in(auth: &Client, username: &str, password: &str) -> Answer {
    auth.post("/login", &json!({"username": username, "password": password}))
}

/// The seconds that a login has to wait, from a 429.
#[track_caller]
fn wait_of(answer: Answer) -> u64 {
    let answer = answer.expect_problem(429, "too-many-failures");
    answer.header("retry-after").expect("a Retry-After").parse().expect("whole seconds")
}

/// How many passwords were hashed so far.
fn hashes(auth: &Client) -> u64 {
    let page = auth.get("/metrics").expect(200).text();
    let count = page.lines().find_map(|line| line.strip_prefix("password_hash_seconds_count "));
    count.expect("hashes are counted").parse().expect("a whole number")
}

/// The most memory that a process ever had, in KiB.
fn peak_kib(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("the process runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("KiB")
}
