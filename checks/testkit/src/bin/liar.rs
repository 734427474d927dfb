//! A person service that answers every lookup with `200 OK` and the body in its first argument, and reports no
//! deletions. Its second argument, if given, is the identity of its database. It listens on `PERSON_LISTEN`, as person
//! does.

use std::env;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use testkit::{FakePerson, Response};

fn main() -> ExitCode {
    let address = env::var("PERSON_LISTEN").unwrap_or_else(|_| "127.0.0.1:5001".to_owned());
    let (Some(body), Ok(address)) = (env::args().nth(1), address.parse::<SocketAddr>()) else {
        eprintln!("usage: [PERSON_LISTEN=127.0.0.1:5001] liar BODY [STORE]");
        return ExitCode::from(64);
    };
    let liar = FakePerson::start_at(address).expect("a free port");
    liar.says(Response::body(body));
    liar.set_store(env::args().nth(2).as_deref());
    loop {
        // Until a signal ends the process.
        thread::park();
    }
}
