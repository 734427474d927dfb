//! Generates load with wrk. A wrong answer ends the benchmark, a slow one does not.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

/// The request that wrk repeats.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// `{}` stands for the id.
    pub(crate) path: &'static str,
    /// The largest id: ids are random, starting from 1.
    pub(crate) ids: u32,
    /// Empty if the request has no body.
    pub(crate) body: &'static str,
    /// Used in turn.
    pub(crate) tokens: Vec<String>,
}

/// The results of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Repeats a request over this many connections, for this many seconds.
///
/// # Panics
/// If an answer is not 2xx or a connection fails.
pub(crate) fn wrk(
    folder: &Path,
    address: SocketAddr,
    request: &Request,
    connections: u32,
    seconds: u32,
) -> Measured {
    let script = folder.join("request.lua");
    fs::write(&script, lua(request)).expect("the folder is writable");
    let mut command = Command::new("wrk");
    command.args(["--latency", "--threads", "1", "--timeout", "10s"]);
    command.args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s")]);
    let ran = command.arg("--script").arg(&script).arg(format!("http://{address}")).output();
    let ran = ran.expect("wrk is installed: Debian's package is `wrk`");
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "wrk: {}", String::from_utf8_lossy(&ran.stderr));
    for wrong in ["Non-2xx", "Socket errors"] {
        assert!(!text.contains(wrong), "{} {}: {text}", request.method, request.path);
    }
    parse(&text).unwrap_or_else(|| panic!("unexpected output of wrk: {text}"))
}

/// Returns wrk's script for a request.
fn lua(request: &Request) -> String {
    let Request { method, path, ids, body, tokens } = request;
    let mut lua = format!("wrk.method = \"{method}\"\nlocal tokens = {{\"{}\"}}\n", tokens.join("\", \""));
    if !body.is_empty() {
        lua += "wrk.headers[\"Content-Type\"] = \"application/json\"\n";
        writeln!(lua, "wrk.body = [[{body}]]").expect("writing to a string cannot fail");
    }
    // Format the requests in advance: wrk would otherwise use processor time of the contender for it.
    let drawn = (*ids as usize).min(50_000).max(tokens.len());
    let id = if *ids == 1 { "1".to_owned() } else { format!("\" .. math.random({ids}) .. \"") };
    let path = path.replace("{}", &id);
    writeln!(
        lua,
        "local made, last = {{}}, 0\n\
         init = function()\n  \
         for i = 1, {drawn} do\n    \
         wrk.headers[\"Authorization\"] = \"Bearer \" .. tokens[i % #tokens + 1]\n    \
         made[i] = wrk.format(nil, \"{path}\")\n  end\nend\n\
         request = function()\n  last = last % {drawn} + 1\n  return made[last]\nend"
    )
    .expect("writing to a string cannot fail");
    lua
}

fn parse(text: &str) -> Option<Measured> {
    let after = |label: &str| text.lines().find_map(|line| line.trim().strip_prefix(label).map(str::trim));
    let requests = text.lines().find_map(|line| line.trim().split_once(" requests in "))?.0.parse().ok()?;
    Some(Measured {
        requests,
        per_second: after("Requests/sec:")?.parse().ok()?,
        p50_ms: milliseconds(after("50%")?)?,
        p99_ms: milliseconds(after("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let number = |unit: &str| text.strip_suffix(unit).and_then(|number| number.parse::<f64>().ok());
    number("us").map(|us| us / 1000.0).or_else(|| number("ms")).or_else(|| number("s").map(|s| s * 1000.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_wrk_is_parsed() {
        let text = "  Latency Distribution\n     50%    1.45ms\n     75%    2ms\n     90%    3ms\n     99%  950.00us\n  \
                    90250 requests in 2.00s, 9MB read\nRequests/sec:  45125.10\nTransfer/sec: 4MB\n";
        let measured = parse(text).unwrap();
        assert_eq!((measured.requests, measured.per_second), (90250.0, 45125.1));
        assert_eq!((measured.p50_ms, measured.p99_ms), (1.45, 0.95));
    }
}
