//! A person service that says what a test tells it to: health must be tested without the real one, and with
//! one that hangs, lies and breaks off. A small HTTP/1.1 server, one thread a connection.

mod heard;
mod say;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io::{self, BufReader};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

pub use heard::Heard;
pub use say::Say;

const FEED: &str = "/persons/deleted";

#[derive(Default)]
struct Script {
    usually: Say,
    at: HashMap<String, Say>,
    next: VecDeque<Say>,
    deletions: Vec<(i64, i64)>,
    heard: Vec<Heard>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<Script>,
    changed: Condvar,
    ended: AtomicBool,
    streams: Mutex<BTreeMap<usize, Arc<TcpStream>>>,
}

/// The running fake. Dropping it closes its port and every connection.
pub struct FakePerson {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl FakePerson {
    /// Starts on a free port; everybody exists and nobody was deleted.
    pub fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Starts on this address: where another was before.
    ///
    /// # Panics
    /// If it is taken.
    pub fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("a free address");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        let acceptor = thread::spawn(move || accepting.accept(&listener));
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a service is told to reach it by.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it says this to every lookup.
    pub fn says(&self, say: Say) {
        self.shared.script().usually = say;
        self.shared.changed.notify_all();
    }

    /// From now on it says this at a path, whatever it says elsewhere.
    pub fn says_at(&self, path: &str, say: Say) {
        self.shared.script().at.insert(path.to_owned(), say);
    }

    /// It says these, one each, to the next lookups.
    pub fn says_next(&self, says: impl IntoIterator<Item = Say>) {
        self.shared.script().next.extend(says);
    }

    /// From now on it says this when asked for deletions.
    pub fn says_of_deletions(&self, say: Say) {
        self.says_at(FEED, say);
    }

    /// Puts a deletion into the feed.
    pub fn deletes(&self, seq: i64, id: i64) {
        self.shared.script().deletions.push((seq, id));
    }

    /// The lookups that it got since this was last called.
    pub fn lookups(&self) -> Vec<Heard> {
        self.take(|heard| heard.path() != FEED)
    }

    /// The requests for deletions that it got since this was last called.
    pub fn feed_requests(&self) -> Vec<Heard> {
        self.take(|heard| heard.path() == FEED)
    }

    fn take(&self, wanted: impl Fn(&Heard) -> bool) -> Vec<Heard> {
        let mut script = self.shared.script();
        let (taken, rest) = std::mem::take(&mut script.heard).into_iter().partition(wanted);
        script.heard = rest;
        taken
    }
}

impl Drop for FakePerson {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // Wakes the acceptor.
        drop(TcpStream::connect(self.address));
        self.acceptor.take().map(JoinHandle::join);
        // Whoever holds an answer back looks at `ended` under this lock, and so is not missed.
        drop(self.shared.script());
        self.shared.changed.notify_all();
        for stream in self.shared.streams.lock().expect("no panic while locked").values() {
            // It may have been closed from the other side.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no panic while locked")
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for (number, stream) in listener.incoming().enumerate() {
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            self.streams.lock().expect("no panic while locked").insert(number, Arc::clone(&stream));
            let shared = Arc::clone(&self);
            thread::spawn(move || {
                // Whoever asked may be gone in the middle of it.
                let _ = shared.converse(&stream, number);
                // The last one to hold the stream closes it: now, not when the fake ends.
                shared.streams.lock().expect("no panic while locked").remove(&number);
            });
        }
    }

    fn converse(&self, stream: &TcpStream, number: usize) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream);
        while let Some(heard) = Heard::read(&mut reader, number)? {
            let (say, good) = self.decide(heard);
            if !say.speak(stream, &good)? {
                break;
            }
        }
        Ok(())
    }

    /// What to say, and the body of a good answer. Only the end leaves it at [`Say::Hold`].
    fn decide(&self, heard: Heard) -> (Say, String) {
        let mut script = self.script();
        let path = heard.path().to_owned();
        let body = if path == FEED {
            script.deletions_after(heard.query("after").unwrap_or(0), heard.query("limit").unwrap_or(100))
        } else {
            let id: i64 = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
            json!({"id": id, "name": "Ada", "owner": "ada"}).to_string()
        };
        script.heard.push(heard);
        let special = if path == FEED { Some(Say::Person) } else { script.next.pop_front() };
        let say = script.at.get(&path).cloned().or(special).unwrap_or_else(|| script.usually.clone());
        if say != Say::Hold {
            return (say, body);
        }
        let held = |script: &mut Script| script.usually == Say::Hold && !self.ended.load(Ordering::SeqCst);
        let script = self.changed.wait_while(script, held).expect("no panic while locked");
        (script.usually.clone(), body)
    }
}

impl Script {
    fn deletions_after(&self, after: i64, limit: i64) -> String {
        let limit = usize::try_from(limit).unwrap_or(0);
        let page = self.deletions.iter().filter(|(seq, _)| *seq > after).take(limit);
        page.map(|(seq, id)| json!({"seq": seq, "id": id})).collect::<Value>().to_string()
    }
}
