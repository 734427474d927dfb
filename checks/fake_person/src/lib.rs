//! A scripted person service for tests: it records every request and answers as a test tells it to. Written by hand on
//! TCP sockets, one thread a connection, because it must also misbehave at the level of bytes: hang, drip, reset.

mod request;
mod response;
mod script;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use script::Script;

pub use request::RecordedRequest;
pub use response::Response;

const FEED: &str = "/persons/deleted";

/// The running service. Dropping it closes its port and every connection.
#[derive(Debug)]
pub struct FakePerson {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<Script>,
    script_changed: Condvar,
    is_closed: AtomicBool,
    /// How many connections it has accepted; the count continues when it listens again.
    accepted: AtomicUsize,
    connections: Mutex<BTreeMap<usize, Arc<TcpStream>>>,
}

impl FakePerson {
    /// Starts on a free port of the loopback; every person exists and none was deleted.
    ///
    /// # Panics
    /// If no port is free.
    pub fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port")
    }

    /// Starts at this address; every person exists and none was deleted.
    ///
    /// # Errors
    /// Returns the error of the system if the address cannot be bound.
    pub fn start_at(address: SocketAddr) -> io::Result<Self> {
        let mut person = Self { address, shared: Arc::default(), acceptor: None };
        person.listen()?;
        Ok(person)
    }

    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets the response to every lookup.
    pub fn says(&self, response: Response) {
        self.shared.script().usual = response;
        self.shared.script_changed.notify_all();
    }

    /// Sets the response at one path; it takes precedence over all others.
    pub fn says_at(&self, path: &str, response: Response) {
        self.shared.script().by_path.insert(path.to_owned(), response);
    }

    /// Queues responses for the next lookups, one each.
    pub fn says_next(&self, responses: impl IntoIterator<Item = Response>) {
        self.shared.script().next.extend(responses);
    }

    /// Sets the response to requests for the feed of deletions.
    pub fn says_of_deletions(&self, response: Response) {
        self.says_at(FEED, response);
    }

    /// Appends a deletion to the feed.
    pub fn deletes(&self, seq: i64, id: i64) {
        self.shared.script().deletions.push((seq, id));
    }

    /// Makes the feed of deletions endless: each number is the deletion of the person with this id.
    pub fn deletes_everybody(&self) {
        self.shared.script().deletes_everybody = true;
    }

    /// Names a database in each answer from now on, or none.
    pub fn set_store(&self, identity: Option<&str>) {
        self.shared.script().store = identity.map(str::to_owned);
    }

    /// Makes every person unknown.
    pub fn forget_everybody(&self) {
        self.shared.script().persons = Some(BTreeSet::new());
    }

    /// Makes this person exist.
    pub fn add_person(&self, id: &str) {
        self.shared.script().persons.get_or_insert_default().insert(id.to_owned());
    }

    /// Makes this person unknown.
    ///
    /// # Panics
    /// If every person exists.
    pub fn remove_person(&self, id: &str) {
        self.shared.script().persons.as_mut().expect("a set of persons").remove(id);
    }

    /// Sends the name under this field too, besides `name`.
    pub fn set_name_field(&self, field: &str) {
        self.shared.script().name_field = Some(field.to_owned()).filter(|field| field != "name");
    }

    /// Closes each connection after one response, and announces it: a caller then keeps no connection in a pool, where
    /// it would outlive [`stop_listening`](Self::stop_listening).
    pub fn close_each_connection(&self) {
        self.shared.script().closes_each_connection = true;
    }

    /// Takes the lookups recorded since the last call.
    pub fn lookups(&self) -> Vec<RecordedRequest> {
        self.take(|request| request.path() != FEED)
    }

    /// Takes the requests for the feed of deletions recorded since the last call.
    pub fn feed_requests(&self) -> Vec<RecordedRequest> {
        self.take(|request| request.path() == FEED)
    }

    fn take(&self, is_wanted: impl Fn(&RecordedRequest) -> bool) -> Vec<RecordedRequest> {
        let mut script = self.shared.script();
        let (taken, rest) = std::mem::take(&mut script.requests).into_iter().partition(is_wanted);
        script.requests = rest;
        taken
    }

    /// Listens again at the same address; does nothing if it already listens.
    ///
    /// # Errors
    /// Returns the error of the system if the address cannot be bound.
    pub fn listen(&mut self) -> io::Result<()> {
        if self.acceptor.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address)?;
        self.address = listener.local_addr()?;
        self.shared.is_closed.store(false, Ordering::SeqCst);
        let shared = Arc::clone(&self.shared);
        self.acceptor = Some(thread::spawn(move || shared.accept(&listener)));
        Ok(())
    }

    /// Closes the port and every connection: callers are refused.
    pub fn stop_listening(&mut self) {
        let Some(acceptor) = self.acceptor.take() else { return };
        self.shared.is_closed.store(true, Ordering::SeqCst);
        let mut own = self.address;
        if own.ip().is_unspecified() {
            own.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        // The connection wakes the acceptor.
        drop(TcpStream::connect(own));
        // An acceptor that panicked has closed the port as well.
        let _ = acceptor.join();
        // A thread in `Response::Hold` reads `is_closed` under this lock: without it the thread could miss the wake-up.
        drop(self.shared.script());
        self.shared.script_changed.notify_all();
        self.close_connections();
    }

    /// Closes every connection; callers that wait for a response fail at once.
    pub fn close_connections(&self) {
        for stream in lock(&self.shared.connections).values() {
            // Fails if the caller has closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for FakePerson {
    fn drop(&mut self) {
        self.stop_listening();
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
        for stream in listener.incoming() {
            if self.is_closed.load(Ordering::SeqCst) {
                return;
            }
            let Ok(stream) = stream.map(Arc::new) else { continue };
            let number = self.accepted.fetch_add(1, Ordering::SeqCst);
            lock(&self.connections).insert(number, Arc::clone(&stream));
            let shared = Arc::clone(&self);
            thread::spawn(move || {
                // Fails if the caller closes the connection early.
                let _ = shared.serve_connection(&stream, number);
                // The last reference to the stream closes it: now, not when the fake ends.
                lock(&shared.connections).remove(&number);
            });
        }
    }

    fn serve_connection(&self, mut stream: &TcpStream, number: usize) -> io::Result<()> {
        stream.set_nodelay(true)?;
        while let Some(request) = RecordedRequest::read(stream, number)? {
            let decision = self.decide(request);
            if decision.response == Response::Reset {
                // The last byte of the request is still unread, so that the system closes with a reset.
                break;
            }
            stream.read_exact(&mut [0])?;
            if !decision.send(stream)? {
                break;
            }
        }
        Ok(())
    }

    /// Records a request and decides what to send. It stays at [`Response::Hold`] only if the fake stops.
    fn decide(&self, request: RecordedRequest) -> response::Decision {
        let mut script = self.script();
        let path = request.path().to_owned();
        let (status, body) = script.truth(&request);
        let store = script.store.clone();
        script.requests.push(request);
        let special = if path == FEED { Some(Response::Person) } else { script.next.pop_front() };
        let scripted = script.by_path.get(&path).cloned().or(special);
        let mut response = scripted.unwrap_or_else(|| script.usual.clone());
        if response == Response::Hold {
            let is_held = |script: &mut Script| {
                script.usual == Response::Hold && !self.is_closed.load(Ordering::SeqCst)
            };
            script = self.script_changed.wait_while(script, is_held).unwrap_or_else(PoisonError::into_inner);
            response = script.usual.clone();
        }
        response::Decision { response, status, body, store, closes: script.closes_each_connection }
    }
}
