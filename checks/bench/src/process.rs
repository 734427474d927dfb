//! Runs a contender as a process and reads its processor time and memory from /proc.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use testkit::Client;

/// Timeout for the first answer of a process, far longer than needed.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running process and its address. Dropping it ends the process.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts a program that listens on this port, and waits until `path` answers with 200 or 401. Also returns
    /// the time that this took.
    pub(crate) fn start(mut command: Command, port: u16, path: &str) -> (Self, Duration) {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let start = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut process = Self { child, address };
        loop {
            let answer = Client::new(address).call("GET", path).try_send();
            if answer.is_ok_and(|answer| answer.status == 200 || answer.status == 401) {
                return (process, start.elapsed());
            }
            let ended = process.child.try_wait().expect("it is a child of this process");
            assert!(ended.is_none(), "{command:?} ended: {ended:?}");
            assert!(start.elapsed() < START_LIMIT, "{command:?} does not answer");
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Returns the processor time of the process and its children so far, in seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.pids().iter().map(|pid| ticks(&stat(*pid))).sum::<u64>() as f64 / 100.0
    }

    /// Returns the resident memory of the process and its children, in megabytes.
    pub(crate) fn megabytes(&self) -> f64 {
        let resident = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0)
        };
        self.pids().iter().map(resident).sum::<f64>() / 1000.0
    }

    /// Returns the ids of the process and its children (gunicorn's workers).
    fn pids(&self) -> Vec<u32> {
        let own = self.child.id();
        let processes = fs::read_dir("/proc")
            .expect("/proc is mounted")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let parent = |pid: u32| stat(pid).first().copied();
        processes.filter(|pid| *pid == own || parent(*pid) == Some(u64::from(own))).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM, because gunicorn's workers survive a SIGKILL of gunicorn.
        let kill = format!("kill {}", self.child.id());
        let _ = Command::new("/bin/sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// Returns the numbers in `/proc/PID/stat` (proc_pid_stat(5)), or none if the process has exited.
fn stat(pid: u32) -> Vec<u64> {
    numbers(&fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default())
}

/// Returns the fields from the fourth on, the parent's id.
fn numbers(stat: &str) -> Vec<u64> {
    // The second field, the program's name in parentheses, may itself contain a `)`.
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    fields.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect()
}

/// Returns the sum of the 14th and 15th field, user and kernel time, in ticks of 1/100 s.
fn ticks(numbers: &[u64]) -> u64 {
    numbers.iter().skip(14 - 4).take(2).sum()
}

/// Returns a free port.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it listens").port()
}

/// Returns a command for a program of the same build, found in the folder of this one.
pub(crate) fn program(name: &str) -> Command {
    let own = std::env::current_exe().expect("a program is a file");
    let path = own.with_file_name(name);
    assert!(
        Path::new(&path).exists(),
        "{} is missing; start the benchmark with checks/bench/run, which builds it",
        path.display()
    );
    Command::new(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_user_time_plus_kernel_time() {
        // The value of each field is its number.
        let numbers = numbers("1 (a) name) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18");
        assert_eq!((numbers[0], ticks(&numbers)), (4, 14 + 15));
    }
}
