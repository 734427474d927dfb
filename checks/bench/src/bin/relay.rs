//! The floor of two hops: a bare hyper server that asks another over hyper's async client for each request, and
//! then answers with one fixed body.
//!
//! `relay ADDRESS UPSTREAM BODY`

use std::env;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

type Asking = Client<HttpConnector, Empty<Bytes>>;

#[tokio::main]
async fn main() {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().expect("an address to listen on");
    let upstream: Uri = arguments.next().and_then(|url| url.parse().ok()).expect("a URL to ask");
    let body = Bytes::from(arguments.next().expect("a body to answer with"));
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Asking = Client::builder(TokioExecutor::new()).build(connector);
    let listener = TcpListener::bind(&address).await.expect("the address is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).expect("a socket takes the option");
        let (client, upstream, body) = (client.clone(), upstream.clone(), body.clone());
        tokio::spawn(async move {
            let answer = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
                let (client, upstream, body) = (client.clone(), upstream.clone(), body.clone());
                async move {
                    request.into_body().collect().await?;
                    Ok::<_, hyper::Error>(relayed(&client, upstream, body).await)
                }
            });
            // A client that goes away is no failure.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn relayed(client: &Asking, upstream: Uri, body: Bytes) -> Response<Full<Bytes>> {
    let asked = match client.get(upstream).await {
        Ok(answer) if answer.status() == StatusCode::OK => answer.into_body().collect().await.is_ok(),
        _ => false,
    };
    let mut response = Response::new(Full::new(body));
    if !asked {
        *response.status_mut() = StatusCode::BAD_GATEWAY;
    }
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
