//! Each core serves connections of its own, on a thread that operators see as `core`.

use std::collections::BTreeMap;
use std::fs;
use std::thread::available_parallelism;

use testkit::{Binary, Wire, eventually};

use crate::service::{LIVE, test_dir};

/// More than a thread waits by chance, without a connection.
const WAITS: u64 = 10;

/// Returns how often each thread that serves connections has waited (proc(5)), by its id: it waits after each request.
fn waits(process: &Binary) -> BTreeMap<String, u64> {
    let tasks = fs::read_dir(format!("/proc/{}/task", process.id())).expect("the process runs");
    let waits = |task: fs::DirEntry| {
        // A thread of another name may have ended.
        let read = |name| fs::read_to_string(task.path().join(name)).ok();
        let status = read("comm").filter(|name| name == "core\n").and_then(|_| read("status"))?;
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        let count = count.expect("Linux counts them").trim().parse().expect("a number");
        Some((task.file_name().into_string().expect("a number"), count))
    };
    tasks.filter_map(|task| waits(task.expect("an entry"))).collect()
}

#[test]
fn connections_are_shared_among_the_cores() {
    let cores = available_parallelism().expect("a number").get();
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address();
    // A thread has its name only once it runs.
    let threads = || Some(waits(&process)).filter(|threads| threads.len() == cores);
    let before = eventually("each core has a thread", threads);
    let mut open: Vec<_> = (0..cores).map(|_| Wire::to(address)).collect();
    eventually("each core has served requests", || {
        for wire in &mut open {
            wire.send(LIVE);
            let _ = wire.answer().expect(200);
        }
        let now = waits(&process);
        before.iter().all(|(id, count)| now[id] >= count + WAITS).then_some(())
    });
}
