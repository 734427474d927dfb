//! The life of a service: accept connections within limits, drain them when told to stop, close the stores.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use daemon::{Failed, Running, Shutdown};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::caller::Passed;
use crate::exchange::{Exchange, Manifest, Service};
use crate::framing::Framed;

/// Each costs some 30 KB and a file descriptor.
const CONNECTION_LIMIT: usize = 1024;
/// Ours send ten header lines in some 600 bytes.
const HEAD_LIMIT: usize = 8 * 1024;
const HEADER_LIMIT: usize = 64;
/// For a head to arrive, and for a connection to stay idle.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(10);
/// For sent bytes to be taken: a client that reads nothing must not hold its connection for ever.
const SEND_TIME_LIMIT: Duration = Duration::from_secs(10);
/// For requests in flight to finish; `docker stop` kills after 10.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);
/// Out of file descriptors, accepting fails at once: wait for some to be freed instead of spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The one answer that is given before there is a request, so without a path and a trace.
const OVER_CONNECTION_LIMIT: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Type: application/problem+json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
    Content-Length: 143\r\n\r\n\
    {\"type\":\"/problems/too-busy\",\"title\":\"The service is too busy\",\"status\":503,\"detail\":\"There are too many connections; try again in a moment.\"}\n";

/// Serves until it is told to stop or a store fails. Needs a tokio runtime around it.
///
/// # Errors
/// A sentence, where the listener has no address.
pub fn serve<S: Service>(
    service: S,
    manifest: Manifest<S::Call>,
    listener: TcpListener,
    shutdown: Shutdown,
    failed: Failed,
) -> Result<Running, String> {
    let address = listener.local_addr().map_err(|error| format!("the listener has no address: {error}"))?;
    let exchange = Arc::new(Exchange { service, manifest, shutdown: shutdown.clone() });
    Ok(Running::new(address, tokio::spawn(run(exchange, listener, shutdown, failed))))
}

async fn run<S: Service>(
    exchange: Arc<Exchange<S>>,
    listener: TcpListener,
    mut shutdown: Shutdown,
    mut failed: Failed,
) -> Result<(), String> {
    let mut connections = JoinSet::new();
    let mut accepting = true;
    loop {
        tokio::select! {
            sentence = failed.sentence() => return Err(abandoned(exchange, sentence)),
            () = shutdown.ordered() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTION_LIMIT => {
                    accepting = true;
                    connections.spawn(converse(Arc::clone(&exchange), stream, shutdown.clone()));
                }
                Ok((stream, _)) => drop(stream.try_write(OVER_CONNECTION_LIMIT)),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Once, not twenty times a second for as long as it lasts.
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
    tokio::select! {
        sentence = failed.sentence() => return Err(abandoned(exchange, sentence)),
        _ = timeout(DRAIN_LIMIT, async { while connections.join_next().await.is_some() {} }) => {}
    }
    connections.shutdown().await;
    // The last owner: dropping it waits for the stores' threads to close their files.
    let closed = tokio::task::spawn_blocking(move || drop(exchange)).await;
    closed.map_err(|error| format!("the stores did not close: {error}"))?;
    failed.raised().map_or(Ok(()), Err)
}

/// A store has failed: nothing is closed and nobody waited for, since closing would write what may not be
/// written any more. The process ends now.
fn abandoned<S: Service>(exchange: Arc<Exchange<S>>, sentence: String) -> String {
    std::mem::forget(exchange);
    sentence
}

/// The client went away before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Serves one connection until either side ends it.
async fn converse<S: Service>(exchange: Arc<Exchange<S>>, stream: TcpStream, mut shutdown: Shutdown) {
    // Without these the connection works too, only less well.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_TIME_LIMIT));

    let passed = Arc::new(Passed::default());
    let service = service_fn(move |request| {
        let (exchange, passed) = (Arc::clone(&exchange), Arc::clone(&passed));
        async move { exchange.answer(request, &passed).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_LIMIT)
        .max_header_size(HEAD_LIMIT)
        .max_headers(HEADER_LIMIT)
        .half_close(true)
        .serve_connection(Framed::new(stream), service);
    let mut connection = pin!(connection);
    // An error here is the client's: it went away, or sent no HTTP and was told so.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown.ordered() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
