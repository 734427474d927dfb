//! Guessed passwords, floods of logins, and secrets in logs. `auth/tests/it` has the rules of the throttle for one caller.

mod flood;
mod guessing;
mod logs;
mod markers;
mod names;
mod timing;

use std::thread;

use serde_json::json;
use testkit::{Answer, Client};

const PASSWORD: &str = "analytical engine";
const WRONG: &str = "difference engine";
/// The metric for the number of hashed passwords.
const HASHES: &str = "password_hash_seconds_count";

fn register(auth: &Client, username: &str) {
    let _ = auth.post("/register", &json!({"username": username, "password": PASSWORD})).expect(201);
}

fn log_in(auth: &Client, username: &str, password: &str) -> Answer {
    auth.post("/login", &json!({"username": username, "password": password}))
}

/// Returns the memory of all hashing threads in KiB.
fn hashing_kib() -> u64 {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(2) as u64;
    threads * 19 * 1024
}
