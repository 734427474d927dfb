//! Sends a number of requests: to fill a store, or to count what they cost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Enough to fill the group commits.
const CONNECTIONS: usize = 256;

/// Sends one request for each id from `first` to `last`, many at once. `{}` in `path` stands for the id.
///
/// # Panics
/// If an answer is not 2xx.
pub(crate) fn fill(
    address: SocketAddr,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    token: &str,
    ids: (u32, u32),
) {
    send(address, method, path, body, token, ids, CONNECTIONS);
}

/// Sends requests as [`fill`] does, over this many connections.
///
/// # Panics
/// If an answer is not 2xx.
pub(crate) fn send(
    address: SocketAddr,
    method: &'static str,
    path: &'static str,
    body: &'static str,
    token: &str,
    (first, last): (u32, u32),
    connections: usize,
) {
    let runtime = Runtime::new().expect("threads");
    let next = Arc::new(AtomicU32::new(first));
    runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..connections {
            let (next, token) = (Arc::clone(&next), format!("Bearer {token}"));
            tasks.spawn(async move {
                let stream = TcpStream::connect(address).await.expect("the service listens");
                let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
                tokio::spawn(connection);
                loop {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if id > last {
                        return;
                    }
                    let request = Request::builder()
                        .method(method)
                        .uri(path.replace("{}", &id.to_string()))
                        .header("host", "localhost")
                        .header("authorization", &token)
                        .header("content-type", "application/json")
                        .body(Full::new(Bytes::from_static(body.as_bytes())));
                    let answer = sender.send_request(request.expect("a request")).await.expect("an answer");
                    let status = answer.status();
                    let text = answer.into_body().collect().await.expect("a body").to_bytes();
                    assert!(status.is_success(), "{method} {path} of {id}: {status} {text:?}");
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("all answers are 2xx");
        }
    });
}
