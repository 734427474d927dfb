//! The server and its client.

use std::env;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;

type HttpClient = Client<HttpConnector, Empty<Bytes>>;

#[tokio::main]
pub(crate) async fn main() {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().expect("an address to listen on");
    let body = Bytes::from(arguments.next().expect("a body to answer with"));
    let upstream: Option<Uri> = arguments.next().map(|url| url.parse().expect("a URL"));
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let listener = TcpListener::bind(&address).await.expect("the address is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).expect("TCP has this option");
        let (client, upstream, body) = (client.clone(), upstream.clone(), body.clone());
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let mut response = Response::new(Full::new(body.clone()));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let (client, upstream) = (&client, upstream.clone());
                async move {
                    if let Some(upstream) = upstream {
                        request.into_body().collect().await?;
                        if !is_ok(client, upstream).await {
                            *response.status_mut() = StatusCode::BAD_GATEWAY;
                        }
                    }
                    Ok::<_, hyper::Error>(response)
                }
            });
            // Clients may disconnect at any time.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Calls the upstream and reads its answer to the end. Returns whether it was 200.
async fn is_ok(client: &HttpClient, upstream: Uri) -> bool {
    match client.get(upstream).await {
        Ok(answer) if answer.status() == StatusCode::OK => answer.into_body().collect().await.is_ok(),
        _ => false,
    }
}
