//! A connection to the primary that breaks round a commit: the outcome is found out, or said to be unknown.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;
use testkit::{Answer, PostgresServer};

use super::location;
use crate::service::{LIMIT, PersonService};

/// What happens to the next message that passes the proxy and holds a given text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The connection breaks before the server gets it.
    MessageLost,
    /// The connection breaks before the client gets the answer.
    AnswerLost,
    /// The client gets no answer, and the connection stays open.
    Silence,
}

/// A proxy before a server, on a port of its own.
struct Proxy {
    url: String,
    next: Arc<Mutex<Option<(&'static str, Fault)>>>,
    /// Whether connections are refused once the fault has happened.
    cut_off: Arc<AtomicBool>,
    refusing: Arc<AtomicBool>,
    _server: PostgresServer,
}

impl Proxy {
    fn start() -> Self {
        let server = PostgresServer::start();
        let database = server.create_database();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let name = database.rsplit('/').next().expect("a name");
        let (next, cut_off) = (Arc::new(Mutex::new(None)), Arc::new(AtomicBool::new(false)));
        let refusing = Arc::new(AtomicBool::new(false));
        let (faults, cut, refuse, socket) =
            (Arc::clone(&next), Arc::clone(&cut_off), Arc::clone(&refusing), server.socket());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if !refuse.load(Ordering::SeqCst) {
                    pass(client, socket.clone(), &faults, &cut, &refuse);
                }
            }
        });
        let url = format!("postgres://tester@127.0.0.1:{port}/{name}");
        Self { url, next, cut_off, refusing, _server: server }
    }

    fn break_next(&self, text: &'static str, fault: Fault) {
        *self.next.lock().expect("no panic") = Some((text, fault));
    }

    /// Whether the fault has happened.
    fn is_through(&self) -> bool {
        self.next.lock().expect("no panic").is_none()
    }
}

/// Passes bytes both ways, each on a thread of its own.
fn pass(
    client: TcpStream,
    socket: PathBuf,
    faults: &Arc<Mutex<Option<(&'static str, Fault)>>>,
    cut_off: &Arc<AtomicBool>,
    refusing: &Arc<AtomicBool>,
) {
    let Ok(server) = UnixStream::connect(socket) else { return };
    let swallowed = Arc::new(Mutex::new(None));
    let (from, to) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    let fault_of_answers = Arc::clone(&swallowed);
    thread::spawn(move || answers(server, client, &fault_of_answers));
    let (faults, cut_off, refusing) = (Arc::clone(faults), Arc::clone(cut_off), Arc::clone(refusing));
    thread::spawn(move || {
        let (mut from, mut to, mut buffer) = (from, to, [0; 16 * 1024]);
        while let Ok(length) = from.read(&mut buffer)
            && length > 0
        {
            let holds =
                |text: &str| buffer[..length].windows(text.len()).any(|bytes| bytes == text.as_bytes());
            let fault = faults.lock().expect("no panic").take_if(|(text, _)| holds(text));
            if let Some((_, fault)) = fault {
                refusing.store(cut_off.load(Ordering::SeqCst), Ordering::SeqCst);
                *swallowed.lock().expect("no panic") = Some(fault);
                if fault == Fault::MessageLost {
                    break;
                }
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}

fn answers(mut server: UnixStream, mut client: TcpStream, fault: &Mutex<Option<Fault>>) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(length) = server.read(&mut buffer)
        && length > 0
    {
        let sent = match *fault.lock().expect("no panic") {
            None => client.write_all(&buffer[..length]).is_ok(),
            Some(Fault::Silence) => true,
            Some(_) => false,
        };
        if !sent {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

fn create(service: &PersonService, name: &str) -> Answer {
    let call = service.ada().call("POST", "/persons").header("Idempotency-Key", name);
    call.json(&json!({"name": name})).send()
}

/// A creation during which a message with this text has this fault makes one person and is acknowledged.
#[track_caller]
fn makes_one_person(text: &'static str, fault: Fault) {
    let proxy = Proxy::start();
    let service = PersonService::at(location(&proxy.url), LIMIT);
    service.create("Ada");
    proxy.break_next(text, fault);
    // Without a key: only the fence keeps the service from creating a second person.
    let _ = service.ada().post("/persons", &json!({"name": "Bob"})).expect(201);
    assert!(proxy.is_through(), "the fault did not happen");
    let names: Vec<_> =
        service.list().as_array().expect("a list").iter().map(|p| p["name"].clone()).collect();
    assert_eq!(names, ["Ada", "Bob"]);
}

#[test]
fn transaction_on_a_broken_connection_is_repeated() {
    makes_one_person("BEGIN\0", Fault::MessageLost);
    makes_one_person("BEGIN\0", Fault::AnswerLost);
}

#[test]
fn read_on_a_broken_connection_is_repeated() {
    for fault in [Fault::MessageLost, Fault::AnswerLost, Fault::Silence] {
        let proxy = Proxy::start();
        let service = PersonService::at(location(&proxy.url), LIMIT);
        let id = service.create("Ada");
        proxy.break_next("LEFT JOIN person", fault);
        let _ = service.ada().get(&format!("/persons/{id}")).expect(200);
        assert!(proxy.is_through(), "the fault did not happen");
    }
}

#[test]
fn commit_that_was_lost_is_repeated() {
    makes_one_person("COMMIT\0", Fault::MessageLost);
}

#[test]
fn commit_whose_answer_was_lost_is_not_repeated() {
    makes_one_person("COMMIT\0", Fault::AnswerLost);
}

#[test]
fn commit_without_an_answer_is_given_up_and_settled() {
    makes_one_person("COMMIT\0", Fault::Silence);
}

#[test]
fn commit_that_cannot_be_settled_is_outcome_unknown() {
    for (fault, persons_made) in [(Fault::AnswerLost, 2), (Fault::MessageLost, 1)] {
        let proxy = Proxy::start();
        let service = PersonService::at(location(&proxy.url), LIMIT);
        service.create("Ada");
        proxy.cut_off.store(true, Ordering::SeqCst);
        proxy.break_next("COMMIT\0", fault);
        let unknown = create(&service, "Bob");
        assert_eq!(unknown.header("retry-after"), None);
        unknown.expect_problem(503, "outcome-unknown");
        proxy.refusing.store(false, Ordering::SeqCst);
        service.wait_until_ready();
        assert_eq!(service.list().as_array().map(Vec::len), Some(persons_made), "{fault:?}");
        let again = create(&service, "Bob").expect(201);
        assert_eq!(again.json()["name"], "Bob");
        assert_eq!(service.list().as_array().map(Vec::len), Some(2), "{fault:?}");
    }
}
