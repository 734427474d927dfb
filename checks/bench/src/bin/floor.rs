//! The floor: what a bare hyper server gives that answers everything with one fixed body.
//!
//! `floor ADDRESS BODY`

use std::convert::Infallible;
use std::env;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() {
    let mut arguments = env::args().skip(1);
    let address = arguments.next().expect("an address to listen on");
    let body = Bytes::from(arguments.next().expect("a body to answer with"));
    let listener = TcpListener::bind(&address).await.expect("the address is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        stream.set_nodelay(true).expect("a socket takes the option");
        let body = body.clone();
        tokio::spawn(async move {
            let answer = service_fn(|_| {
                let mut response = Response::new(Full::new(body.clone()));
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                async { Ok::<_, Infallible>(response) }
            });
            // A client that goes away is no failure.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
