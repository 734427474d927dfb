//! `healthcheck`: the images have no curl, so the binary probes its own service.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::command_line::Failure;
use crate::config::{self, Environment, Variable};

const TIME_LIMIT: Duration = Duration::from_secs(2);

/// The question to a running service.
#[derive(Debug, Clone, Copy)]
pub enum Probe {
    /// Whether it can serve requests now.
    Ready,
    /// Whether it runs, even if it waits for a database: a restart would not help.
    Live,
}

/// Probes the service that listens on the address in `variable`.
///
/// # Errors
/// Returns a failure if the address is invalid or the answer is not 200.
pub fn healthcheck(variable: &Variable, probe: Probe) -> Result<String, Failure> {
    let mut address: SocketAddr =
        config::read(&Environment, |reader| reader.read(variable, config::address))?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let (path, state) = match probe {
        Probe::Ready => ("/readyz", "ready"),
        Probe::Live => ("/livez", "live"),
    };
    let answer = request(address, path).map_err(|error| format!("{address} does not answer: {error}"))?;
    if answer.starts_with("HTTP/1.1 200 ") {
        return Ok(String::new());
    }
    Err(format!("{address} is not {state}: {}", answer.lines().last().unwrap_or_default()).into())
}

fn request(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, TIME_LIMIT)?;
    stream.set_read_timeout(Some(TIME_LIMIT))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(16 * 1024).read_to_string(&mut answer)?;
    Ok(answer)
}
