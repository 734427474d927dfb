//! What the other tests cannot see of the fake: how its connections end at the level of TCP.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fake_person::{FakePerson, Response};

fn ask(fake: &FakePerson) -> io::Result<String> {
    let mut stream = TcpStream::connect(fake.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(b"GET /persons/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

#[test]
fn reset_differs_from_close() {
    let fake = FakePerson::start();
    fake.says(Response::Close);
    assert_eq!(ask(&fake).expect("an orderly end"), "");
    fake.says(Response::Reset);
    assert_eq!(ask(&fake).expect_err("a reset").kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn callers_are_refused_until_it_listens_again() {
    let mut fake = FakePerson::start();
    fake.close_each_connection();
    fake.stop_listening();
    assert_eq!(ask(&fake).expect_err("nobody listens").kind(), io::ErrorKind::ConnectionRefused);
    fake.listen().expect("the port is free");
    assert!(ask(&fake).expect("an answer").ends_with(r#"{"id":1,"name":"Ada"}"#));
    assert_eq!(fake.lookups().len(), 1);
}
