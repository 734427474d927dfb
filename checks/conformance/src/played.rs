//! The person service, played: the health service under test calls it, and it answers what a check wants to see
//! the consequences of. Hand-made, because it must also misbehave at the level of bytes.

mod call;
mod say;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use call::Call;
pub(crate) use say::Say;

/// Where a redirect leads: a place that answers 200, so that whoever follows it is seen to go on.
pub(crate) const ELSEWHERE: &str = "/conformance-elsewhere";
/// For the other side to send its request; it has nothing else to do.
const READ_LIMIT: Duration = Duration::from_secs(10);

/// The running service.
#[derive(Debug)]
pub(crate) struct Played {
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
    address: SocketAddr,
    next_id: i64,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Script>,
    closed: AtomicBool,
    streams: Mutex<BTreeMap<usize, Arc<TcpStream>>>,
}

#[derive(Debug)]
struct Script {
    say: Say,
    persons: BTreeSet<String>,
    name_field: String,
    calls: Vec<Call>,
}

impl Played {
    /// Starts to listen.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) fn start(address: SocketAddr) -> io::Result<Self> {
        let script = Script {
            say: Say::Truth,
            persons: BTreeSet::new(),
            name_field: "name".to_owned(),
            calls: Vec::new(),
        };
        let shared =
            Shared { script: Mutex::new(script), closed: AtomicBool::new(true), streams: Mutex::default() };
        // Ids that an earlier run has left no record of, and that a 32-bit column holds.
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let next_id = 100_000_000 + i64::try_from(seconds % 1_000_000).unwrap_or(0) * 1000;
        let mut played = Self { shared: Arc::new(shared), acceptor: None, address, next_id };
        played.open()?;
        Ok(played)
    }

    /// The name of the field with a person's name, as the version under test has it.
    pub(crate) fn names_by(&self, field: &str) {
        self.shared.script().name_field = field.to_owned();
    }

    /// Makes a person up.
    pub(crate) fn new_person(&mut self) -> String {
        self.next_id += 1;
        let id = self.next_id.to_string();
        self.shared.script().persons.insert(id.clone());
        id
    }

    /// Makes a person exist again.
    pub(crate) fn restore(&self, id: &str) {
        self.shared.script().persons.insert(id.to_owned());
    }

    /// Forgets a person.
    pub(crate) fn delete(&self, id: &str) {
        self.shared.script().persons.remove(id);
    }

    /// From now on it says this to whoever asks for a person.
    ///
    /// # Errors
    /// If another program took the port while nobody listened there.
    pub(crate) fn says(&mut self, say: Say) -> io::Result<()> {
        let refuses = say == Say::Refuse;
        self.shared.script().say = say;
        // Whoever still waits for the answer to an earlier call must not keep a service of one thread from the next.
        self.hang_up();
        if refuses {
            self.close();
            return Ok(());
        }
        self.open()
    }

    /// The calls that it got since this was last asked.
    pub(crate) fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.shared.script().calls)
    }

    fn open(&mut self) -> io::Result<()> {
        if self.acceptor.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address)?;
        self.address = listener.local_addr()?;
        self.shared.closed.store(false, Ordering::SeqCst);
        let shared = Arc::clone(&self.shared);
        self.acceptor = Some(thread::spawn(move || shared.accept(&listener)));
        Ok(())
    }

    fn close(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        let mut own = self.address;
        if own.ip().is_unspecified() {
            own.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        // Wakes the acceptor.
        drop(TcpStream::connect(own));
        if let Some(acceptor) = self.acceptor.take() {
            // It does not panic; if it did, the port is closed all the same.
            let _ = acceptor.join();
        }
        self.hang_up();
    }

    fn hang_up(&self) {
        for stream in lock(&self.shared.streams).values() {
            // It may have been closed from the other side.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        self.close();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        lock(&self.script)
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for (number, stream) in listener.incoming().enumerate() {
            if self.closed.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            lock(&self.streams).insert(number, Arc::clone(&stream));
            let shared = Arc::clone(&self);
            thread::spawn(move || {
                // Whoever asked may be gone in the middle of it.
                let _ = shared.answer(&stream);
                lock(&shared.streams).remove(&number);
            });
        }
    }

    /// One request a connection: a kept one would survive when the port is to refuse.
    fn answer(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(READ_LIMIT))?;
        let Some(call) = Call::read(&mut BufReader::new(stream))? else { return Ok(()) };
        let (say, truth) = {
            let mut script = self.script();
            let truth = script.truth(&call);
            // Who comes the way that a redirect showed is answered well, and so is seen to have followed it.
            let say = if call.path() == ELSEWHERE { Say::Truth } else { script.say.clone() };
            script.calls.push(call);
            (say, truth)
        };
        say.speak(stream, &truth)
    }
}

impl Script {
    /// The status and the body that a person service would answer.
    fn truth(&self, call: &Call) -> (u16, String) {
        let person = |id: &str| {
            let number: Option<i64> = id.parse().ok();
            let id = number.map_or_else(|| serde_json::Value::from(id), serde_json::Value::from);
            let mut person = serde_json::json!({"id": id, "name": "Ada"});
            person[&self.name_field] = "Ada".into();
            person
        };
        if call.path() == ELSEWHERE {
            return (200, person("1").to_string());
        }
        let last = call.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if self.persons.contains(last) {
            return (200, person(last).to_string());
        }
        if call.is_list() {
            return (
                200,
                self.persons.iter().map(|id| person(id)).collect::<serde_json::Value>().to_string(),
            );
        }
        (404, serde_json::json!({"error": "there is no such person"}).to_string())
    }
}
