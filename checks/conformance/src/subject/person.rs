//! The fake person service, which the health service under test calls when `--play-person` is given.

use std::io;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use fake_person::{FakePerson, RecordedRequest, Response};

use super::Subject;
use crate::check::{Stop, skip};
use crate::text::{Text, said, text};

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

/// Returns the first id to give out: no earlier run has left a record of it, and a 32-bit column holds it.
pub(super) fn first_fake_id() -> i64 {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    100_000_000 + i64::try_from(seconds % 1_000_000).unwrap_or(0) * 1000
}

impl Subject {
    /// Makes the fake person service behave like this from now on. Skips the check if person is not faked.
    pub(crate) fn set_person(&mut self, state: PersonState) -> Result<(), Stop> {
        let Some(fake) = &mut self.fake_person else {
            return skip(text(
                "needs `--play-person ADDRESS`, so that the checker can play person",
                "demande `--play-person ADRESSE`, pour que le vérificateur joue person",
            ));
        };
        let response = match state {
            PersonState::Down => {
                fake.stop_listening();
                return Ok(());
            }
            PersonState::Healthy => Response::Person,
            PersonState::Responds(response) => response,
        };
        fake.says(response);
        // A service of one thread may still wait for an earlier response: it must be free for the next request.
        fake.close_connections();
        fake.listen().or_else(|_| {
            skip(text(
                "another program took the port of the fake person service",
                "un autre programme a pris le port du faux service person",
            ))
        })
    }

    /// Takes the requests that the fake person service has recorded since the last call.
    pub(crate) fn person_requests(&mut self) -> Vec<RecordedRequest> {
        let requests = self.fake_person.as_ref().map(FakePerson::lookups).unwrap_or_default();
        self.request_log.extend(requests.iter().map(|request| {
            let line = format!("{} {}", request.method, request.target);
            match &self.token {
                Some(token) if request.carries(&token.value) => {
                    said(format!("{line} with the token"), format!("{line} avec le jeton"))
                }
                Some(_) => said(format!("{line} without the token"), format!("{line} sans le jeton")),
                None => said(&line, &line),
            }
        }));
        requests
    }

    /// Takes the same requests in words, for the report.
    pub(crate) fn take_request_log(&mut self) -> Vec<Text> {
        std::mem::take(&mut self.request_log)
    }

    /// Whether the person service is faked.
    pub(crate) fn is_person_fake(&self) -> bool {
        self.fake_person.is_some()
    }
}
