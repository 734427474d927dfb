//! A health service with its own file, beside a fake person service.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use health::config::Config;
use health::store::Location;
use serde_json::{Value, json};
use storage::ERASE_AFTER;
use tempfile::TempDir;
use testkit::{Answer, Binary, Client, FakePerson, InProcess, Response, TestDir, eventually, tokens};

/// So long that health reads the feed of deletions only once, at the start.
const HARDLY_EVER: Duration = Duration::from_secs(3600);
/// So short that no test waits for it.
const CONTINUOUSLY: Duration = Duration::from_millis(20);

/// A running health service and the person service that it asks.
pub(crate) struct HealthService {
    service: Option<InProcess>,
    pub(crate) person: FakePerson,
    purge_every: Duration,
    erase_after: Duration,
    location: Location,
    /// The address of the database, if the store is one.
    #[cfg(feature = "cluster")]
    url: Option<String>,
    folder: TempDir,
}

impl HealthService {
    /// Starts a service without records on the engine that this run of the tests is about; every person exists.
    pub(crate) fn new() -> Self {
        Self::on_engine(HARDLY_EVER)
    }

    /// Does the same on a file, whose content the test may look into.
    pub(crate) fn on_file() -> Self {
        Self::made(HARDLY_EVER, ERASE_AFTER, None)
    }

    fn on_engine(purge_every: Duration) -> Self {
        #[cfg(feature = "cluster")]
        return Self::at(&crate::cluster::create_database(), FakePerson::start(), purge_every);
        #[cfg(not(feature = "cluster"))]
        Self::made(purge_every, ERASE_AFTER, None)
    }

    /// Starts a service on a database of the server that the tests share, and waits until it is ready.
    #[cfg(feature = "cluster")]
    pub(crate) fn at(url: &str, person: FakePerson, purge_every: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (erase_after, location) = (ERASE_AFTER, crate::cluster::location(url));
        let mut health = Self {
            service: None,
            person,
            purge_every,
            erase_after,
            location,
            url: Some(url.to_owned()),
            folder,
        };
        health.start().expect("the service starts");
        health
    }

    /// Starts a service with a record of person 7; the lookup for it is forgotten.
    pub(crate) fn with_record() -> Self {
        let health = Self::new();
        let _ = health.ada().post(&path(7), &record()).expect(201);
        health.person.lookups();
        health
    }

    /// Starts a service without records that purges continuously.
    pub(crate) fn purging() -> Self {
        Self::on_engine(CONTINUOUSLY)
    }

    /// Does the same on a file.
    pub(crate) fn purging_on_file() -> Self {
        Self::made(CONTINUOUSLY, ERASE_AFTER, None)
    }

    /// Starts a service on a file with this content. The feed of deletions fails, so the purge writes nothing.
    pub(crate) fn on(content: impl AsRef<[u8]>) -> Self {
        Self::made(HARDLY_EVER, ERASE_AFTER, Some(content.as_ref()))
    }

    /// Starts a service without records that purges continuously, and whose file may hold deleted ones for this long.
    pub(crate) fn erasing_after(time: Duration) -> Self {
        Self::made(CONTINUOUSLY, time, None)
    }

    /// Does the same on a file with this content; the feed of deletions fails.
    pub(crate) fn erasing_on(content: impl AsRef<[u8]>, time: Duration) -> Self {
        Self::made(HARDLY_EVER, time, Some(content.as_ref()))
    }

    fn made(purge_every: Duration, erase_after: Duration, content: Option<&[u8]>) -> Self {
        let (folder, person) = (tempfile::tempdir().expect("a folder"), FakePerson::start());
        if let Some(content) = content {
            fs::write(file_in(folder.path()), content).expect("the folder is ours");
            person.says_of_deletions(Response::Close);
        }
        let location = Location::File(file_in(folder.path()));
        let mut health = Self {
            service: None,
            person,
            purge_every,
            erase_after,
            location,
            #[cfg(feature = "cluster")]
            url: None,
            folder,
        };
        health.start().expect("the service starts");
        health
    }

    /// Starts the service, or returns its error message.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        // Between fork and exec, a process that another test starts holds all our files, and the lock too.
        let is_locked = |refusal: &String| refusal.contains("in use by another process");
        let started = eventually("the lock is free", || {
            Some(start_at(self.location.clone(), &self.person.url(), self.purge_every, self.erase_after))
                .filter(|started| !started.as_ref().is_err_and(is_locked))
        });
        self.service = Some(started?);
        self.wait_until_ready();
        Ok(())
    }

    /// Waits until the store can be used.
    fn wait_until_ready(&self) {
        eventually("the service is ready", || (self.anybody().get("/readyz").status == 200).then_some(()));
    }

    /// Stops the service.
    pub(crate) fn stop(&mut self) {
        self.service.take().expect("it runs").stop().expect("it stops cleanly");
    }

    /// Stops the service and starts it on the same file.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.start().expect("the service starts again");
    }

    /// Does the same; the file may hold deleted records for this long from now on.
    pub(crate) fn restart_erasing_after(&mut self, time: Duration) {
        self.erase_after = time;
        self.restart();
    }

    /// Returns a client without a token.
    pub(crate) fn anybody(&self) -> Client {
        self.service.as_ref().expect("it runs").client()
    }

    /// Returns the client of most tests.
    pub(crate) fn ada(&self) -> Client {
        self.anybody().with_token(&tokens::user("ada"))
    }

    /// Returns the path of the file.
    pub(crate) fn file(&self) -> PathBuf {
        file_in(self.folder.path())
    }

    /// Returns the content of the file, or of the tables.
    pub(crate) fn content(&self) -> Vec<u8> {
        #[cfg(feature = "cluster")]
        if let Some(url) = &self.url {
            return crate::cluster::query(url, crate::cluster::CONTENT).into_bytes();
        }
        fs::read(self.file()).expect("the file is there")
    }

    /// Replaces the content of the file while the service is stopped.
    pub(crate) fn overwrite(&self, content: impl AsRef<[u8]>) {
        assert!(self.service.is_none(), "a running service holds the file");
        fs::write(self.file(), content).expect("the folder is ours");
    }

    /// Returns the files beside it whose names contain a word.
    pub(crate) fn files_named(&self, word: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path()).expect("the folder is there");
        let paths = files.map(|file| file.expect("it can be listed").path());
        paths.filter(|path| path.to_string_lossy().contains(word)).collect()
    }

    /// Returns the ETag and the record of each of these persons.
    pub(crate) fn state(&self, ids: impl IntoIterator<Item = i64>) -> State {
        state(&self.ada(), ids)
    }

    /// Returns the value of a metric without labels.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let metrics = self.anybody().get("/metrics").expect(200).text();
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("{name} in {metrics}")).parse().expect("a whole number")
    }

    /// Makes a call, checks that it leaves the file unchanged, and returns its answer.
    #[track_caller]
    pub(crate) fn changing_nothing(&self, call: impl FnOnce(&Client) -> Answer) -> Answer {
        let before = self.content();
        let answer = call(&self.ada());
        assert_eq!(self.content(), before, "the file changed: {}", answer.text());
        answer
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("health.jsonl")
}

/// Starts a service on this store that asks person at this URL.
pub(crate) fn start_at(
    file: Location,
    person_url: &str,
    purge_every: Duration,
    erase_after: Duration,
) -> Result<InProcess, String> {
    let person_url = person_url.to_owned();
    let config = Config {
        file,
        person_url,
        purge_every,
        keys: tokens::keys(),
        erase_after,
        settings: Default::default(),
    };
    InProcess::start(move |listener, shutdown| health::start(config, listener, shutdown))
}

/// The id of each person, with the ETag and the text of the record unless it is missing.
pub(crate) type State = Vec<(i64, Option<(String, String)>)>;

/// Returns the ETag and the record of each of these persons from a service.
pub(crate) fn state(somebody: &Client, ids: impl IntoIterator<Item = i64>) -> State {
    let known = |id| match somebody.get(&path(id)) {
        answer if answer.status == 404 => (id, None),
        answer => (id, Some((etag(&answer), text(&answer.expect(200))))),
    };
    ids.into_iter().map(known).collect()
}

/// Returns a body without the line feed at its end.
pub(crate) fn text(answer: &Answer) -> String {
    answer.text().trim_end().to_owned()
}

/// Returns the path of a person's record.
pub(crate) fn path(id: i64) -> String {
    format!("/health/{id}")
}

/// Returns a record with every vital sign.
pub(crate) fn record() -> Value {
    json!({"weight": 70.5, "height": 175, "heart_rate": 62, "blood_pressure": {"systolic": 120, "diastolic": 80}})
}

/// Returns the ETag of an answer.
#[track_caller]
pub(crate) fn etag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no ETag: {}", answer.text())).to_owned()
}

/// Calls a function on this many threads at once, and returns the results.
pub(crate) fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Every operation on a person's record.
pub(crate) const OPERATIONS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Makes one of these operations, with a body if it takes one.
pub(crate) fn operate(somebody: &Client, method: &str, id: i64) -> Answer {
    let call = somebody.call(method, &path(id));
    if matches!(method, "POST" | "PUT" | "PATCH") { call.json(&record()).send() } else { call.send() }
}

/// Returns the client of most tests, for a service that runs as a process.
pub(crate) fn ada_at(service: &mut Binary) -> Client {
    service.client().with_token(&tokens::user("ada"))
}

/// Returns a folder in which the binary runs, with this person service.
pub(crate) fn dir(person: &FakePerson) -> TestDir {
    let dir = TestDir::new(env!("CARGO_BIN_EXE_health"), "HEALTH_LISTEN", "HEALTH_FILE");
    dir.with("PERSON_URL", &person.url())
}
