//! The socket that a service listens on.

use std::io;
use std::net::SocketAddr;

use anyhow::anyhow;
use tokio::net::{TcpListener, TcpSocket};

use crate::system;

/// Connections that the kernel accepts before the service does: as many as a service serves. The kernel drops further
/// ones, which retry after a second; with tokio's 128 a crowd would wait that long for an immediate answer.
const BACKLOG: u32 = 1024;

/// Listens on an address. `hint` tells the operator how to choose another. Needs a tokio runtime.
///
/// # Errors
/// Returns an error message for the operator if the address is taken or not available.
pub fn bind(address: SocketAddr, hint: &str) -> anyhow::Result<TcpListener> {
    listen(address).map_err(|error| {
        let message = match error.kind() {
            io::ErrorKind::AddrInUse => format!("{address} is taken by another program"),
            _ => format!("cannot listen on {address}: {error}"),
        };
        anyhow!("{message}; {hint}")
    })
}

/// Does what `TcpListener::bind` does, with a backlog of our choice.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(system::allows_reuse())?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
