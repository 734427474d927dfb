//! A person service that lies: it says `200 OK` and what its argument is to whoever asks for a person, and knows of no
//! deletion. It listens where `PERSON_LISTEN` says, as person does.

use std::env;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;

use testkit::{FakePerson, Response};

fn main() -> ExitCode {
    let address = env::var("PERSON_LISTEN").unwrap_or_else(|_| "127.0.0.1:5001".to_owned());
    let (Some(body), Ok(address)) = (env::args().nth(1), address.parse::<SocketAddr>()) else {
        eprintln!("usage: [PERSON_LISTEN=127.0.0.1:5001] liar BODY");
        return ExitCode::from(64);
    };
    let liar = FakePerson::start_at(address).expect("a free port");
    liar.says(Response::body(body));
    loop {
        // Until it is killed.
        thread::park();
    }
}
