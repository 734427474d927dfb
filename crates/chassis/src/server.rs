//! The life of a service: accept connections within limits, drain them on the order to stop, close the stores.

use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use daemon::{Failed, Running, Shutdown, system};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use socket2::SockRef;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::activity::Activity;
use crate::caller::TokenCache;
use crate::connections::Connections;
use crate::cores::Cores;
use crate::exchange::Exchange;
use crate::framing::Framed;
use crate::live::Live;
use crate::service::{Manifest, Service};

/// Several times what browsers send.
const HEAD_LIMIT: usize = 16 * 1024;
const HEADER_LIMIT: usize = 64;
/// hyper's buffer for a head, and what it queues of earlier answers before it makes the next one.
const BUFFER_LIMIT: usize = HEAD_LIMIT + 4 * 1024;
/// What the kernel keeps of an answer for a client that does not read: it would keep megabytes.
const SEND_BUFFER: usize = 16 * 1024;
/// For a head to arrive, and for an idle connection.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(10);
/// For sent bytes to be acknowledged: a client that does not read must not hold its connection for ever.
#[cfg(target_os = "linux")]
const SEND_TIME_LIMIT: Duration = Duration::from_secs(10);
/// For requests in flight to finish; `docker stop` kills after 10 s.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
/// Accepting fails immediately while file descriptors are exhausted: wait instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the order to stop, or until a store fails. Needs a tokio runtime.
///
/// # Errors
/// Returns an error message for the operator if the listener has no address, if a thread or a socket cannot be
/// made, or if the limit of open files is too low.
pub fn serve<S: Service>(
    service: S,
    manifest: Manifest<S::Call>,
    listener: TcpListener,
    shutdown: Shutdown,
    failed: Failed,
) -> anyhow::Result<Running> {
    let address = listener.local_addr().context("the listener has no address")?;
    let cores = manifest.runtime_per_core.then(Cores::start).transpose()?;
    // A new socket gets the lowest free descriptor.
    let probe = TcpSocket::new_v4().context("cannot open a socket")?;
    let connections = Connections::new(manifest.name, system::descriptor(&probe), cores)?;
    drop(probe);
    let live = Live::new(manifest.settings.live);
    let exchange = Arc::new(Exchange { service, manifest, live, shutdown: shutdown.clone() });
    Ok(Running::new(address, tokio::spawn(run(exchange, connections, listener, shutdown, failed))))
}

async fn run<S: Service>(
    exchange: Arc<Exchange<S>>,
    mut connections: Connections,
    listener: TcpListener,
    mut shutdown: Shutdown,
    mut failed: Failed,
) -> anyhow::Result<()> {
    let drain = exchange.manifest.settings.drain;
    let mut stopped = pin!(async {
        shutdown.ordered().await;
        sleep(drain).await;
    });
    // Connections end only when the listener does: until then each may bring further requests.
    let (close, closing) = daemon::shutdown();
    let mut accepting = true;
    loop {
        tokio::select! {
            message = failed.message() => return Err(abandon(exchange, message)),
            () = &mut stopped => break,
            Some(()) = connections.ended() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    accepting = true;
                    let (exchange, closing) = (Arc::clone(&exchange), closing.clone());
                    connections.admit(stream, move |stream, activity| {
                        serve_connection(exchange, stream, activity, peer.ip(), closing)
                    });
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Logged once, not twenty times a second.
                    if accepting {
                        tracing::warn!(service = exchange.manifest.name, %error, "cannot accept connections");
                    }
                    accepting = false;
                    sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    close.now();
    tokio::select! {
        message = failed.message() => return Err(abandon(exchange, message)),
        _ = timeout(DRAIN_LIMIT, async { while connections.ended().await.is_some() {} }) => {}
    }
    connections.close().await;
    // This is the last owner: dropping it waits for the stores' threads to close their files.
    spawn_blocking(move || drop(exchange)).await.context("the stores did not close")?;
    failed.raised().map_or(Ok(()), |message| Err(anyhow!(message)))
}

/// Leaks the service after a store has failed: closing the store would write to a disk whose state is unknown. The
/// process ends next.
fn abandon<S: Service>(exchange: Arc<Exchange<S>>, message: String) -> anyhow::Error {
    std::mem::forget(exchange);
    anyhow!(message)
}

/// Returns whether the error concerns one client that disconnected early.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Serves one connection until either side ends it.
async fn serve_connection<S: Service>(
    exchange: Arc<Exchange<S>>,
    stream: TcpStream,
    activity: Arc<Activity>,
    peer: IpAddr,
    mut closing: Shutdown,
) {
    // If these options fail, the connection works with less speed, more memory or a later timeout.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_TIME_LIMIT));

    let tokens = Arc::new(TokenCache::default());
    let service = service_fn(move |request| Arc::clone(&exchange).answer(request, peer, Arc::clone(&tokens)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_LIMIT)
        .max_header_size(HEAD_LIMIT)
        .max_headers(HEADER_LIMIT)
        .max_buf_size(BUFFER_LIMIT)
        .half_close(true)
        .serve_connection(Framed::new(stream, activity), service);
    let mut connection = pin!(connection);
    // An error here is the client's: it went away, or sent invalid HTTP and got its answer.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = closing.ordered() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
