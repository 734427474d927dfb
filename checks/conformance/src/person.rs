//! The fake person service, which the health service under test calls when `--play-person` is given.

use std::io;
use std::net::SocketAddr;

use fake_person::{FakePerson, Response};

/// Where the redirect leads: a path that answers 200, so that a health service that follows it is seen to go on.
const REDIRECT_TARGET: &str = "/conformance-elsewhere";

/// How the fake person service behaves.
#[derive(Debug)]
pub(crate) enum PersonState {
    /// As a correct one does.
    Healthy,
    /// It gives this response to every request.
    Responds(Response),
    /// Nothing listens on its port.
    Down,
}

impl PersonState {
    /// It answers with this status and a small JSON body.
    pub(crate) fn status(status: u16) -> Self {
        Self::Responds(Response::Answer(status, r#"{"error":"scripted by the check"}"#.to_owned()))
    }

    /// It redirects to a path that answers 200.
    pub(crate) fn redirect() -> Self {
        Self::Responds(Response::Bytes(format!(
            "HTTP/1.1 302 Found\r\nLocation: {REDIRECT_TARGET}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )))
    }

    /// It answers bytes that are not HTTP.
    pub(crate) fn garbage() -> Self {
        Self::Responds(Response::Bytes("\x16\x03\x01 this is not HTTP\r\n\r\n".to_owned()))
    }
}

/// Starts a fake person service that knows nobody.
///
/// # Errors
/// Returns the error of the system if the address cannot be bound.
pub(crate) fn start_fake_person(address: SocketAddr) -> io::Result<FakePerson> {
    let fake = FakePerson::start_at(address)?;
    fake.forget_everybody();
    fake.close_each_connection();
    fake.says_at(REDIRECT_TARGET, Response::body(r#"{"id":1,"name":"Ada"}"#));
    Ok(fake)
}
