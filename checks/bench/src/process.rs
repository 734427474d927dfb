//! A contender as a process: started, awaited, its processor time and memory read from the kernel's accounting.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use testkit::Client;

/// For a process to answer; far more than it takes.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running process, and the port that it listens on. Dropping it ends it.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts a program that listens on this port, and waits until `path` is answered with 200. Returns how long
    /// that took, too.
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
            let ended = process.child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "{command:?} ended: {ended:?}");
            assert!(start.elapsed() < START_LIMIT, "{command:?} does not answer");
            thread::sleep(Duration::from_micros(200));
        }
    }

    /// Seconds of processor time so far, of the process and its children.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.family().iter().map(|pid| ticks(&stat(*pid))).sum::<u64>() as f64 / 100.0
    }

    /// Resident memory in megabytes, of the process and its children.
    pub(crate) fn megabytes(&self) -> f64 {
        let resident = |pid: &u32| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0)
        };
        self.family().iter().map(resident).sum::<f64>() / 1000.0
    }

    /// The process and its children: gunicorn's workers.
    fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let processes = fs::read_dir("/proc")
            .expect("a kernel that tells")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let parent = |pid: u32| stat(pid).first().copied();
        processes.filter(|pid| *pid == own || parent(*pid) == Some(u64::from(own))).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The children of gunicorn end with it only if it is asked to end.
        let kill = format!("kill {}", self.child.id());
        let _ = Command::new("/bin/sh").args(["-c", &kill]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// The numbers of proc_pid_stat(5) of a process; none where it has gone.
fn stat(pid: u32) -> Vec<u64> {
    numbers(&fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default())
}

/// The numbers from the fourth field on, which is the parent.
fn numbers(stat: &str) -> Vec<u64> {
    // The name before them may hold anything, a `)` too.
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    fields.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect()
}

/// The 14th and the 15th field, time in the process and time in the kernel for it, in ticks of 1/100 s.
fn ticks(numbers: &[u64]) -> u64 {
    numbers.iter().skip(14 - 4).take(2).sum()
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it listens").port()
}

/// A program of this build: it stands beside this one.
pub(crate) fn program(name: &str) -> Command {
    let own = std::env::current_exe().expect("a program is a file");
    let path = own.with_file_name(name);
    assert!(Path::new(&path).exists(), "{} is not there: checks/bench/run builds it", path.display());
    Command::new(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_its_own_and_the_kernels_for_it() {
        // Each field says which one it is.
        let numbers = numbers("1 (a) name) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18");
        assert_eq!((numbers[0], ticks(&numbers)), (4, 14 + 15));
    }
}
