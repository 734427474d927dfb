//! A health service on a file of its own, beside a fake person service.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use health::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Answer, Client, FakePerson, InProcess, Place, Say, eventually, tokens};

/// So long that the feed of deletions is asked for once, at the start.
const HARDLY_EVER: Duration = Duration::from_secs(3600);
/// Often enough that nobody waits for it.
const ALL_THE_TIME: Duration = Duration::from_millis(20);

/// A running health service and the person service that it asks.
pub(crate) struct Lab {
    service: Option<InProcess>,
    pub(crate) person: FakePerson,
    purge_every: Duration,
    folder: TempDir,
}

impl Lab {
    /// With no record, and everybody existing.
    pub(crate) fn new() -> Self {
        Self::made(HARDLY_EVER, None)
    }

    /// The same, following person's deletions all the time.
    pub(crate) fn purging() -> Self {
        Self::made(ALL_THE_TIME, None)
    }

    /// On a file with this content, which health does not write to of itself: the feed of deletions fails.
    pub(crate) fn on(content: impl AsRef<[u8]>) -> Self {
        Self::made(HARDLY_EVER, Some(content.as_ref()))
    }

    fn made(purge_every: Duration, content: Option<&[u8]>) -> Self {
        let (folder, person) = (tempfile::tempdir().expect("a folder"), FakePerson::start());
        if let Some(content) = content {
            fs::write(file_in(folder.path()), content).expect("the folder is ours");
            person.says_of_deletions(Say::Close);
        }
        let mut lab = Self { service: None, person, purge_every, folder };
        lab.start().expect("the service starts");
        lab
    }

    /// Starts the service, or gives its refusal.
    pub(crate) fn start(&mut self) -> Result<(), String> {
        // A process that another test is starting holds every file of ours, the lock too, until it has become
        // the program that it is to be.
        let is_locked = |refusal: &String| refusal.contains("in use by another process");
        let started = eventually("the lock is free", || {
            Some(start_on(&self.file(), &self.person.url(), self.purge_every))
                .filter(|started| !started.as_ref().is_err_and(is_locked))
        });
        self.service = Some(started?);
        Ok(())
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

    /// Somebody without a token.
    pub(crate) fn anybody(&self) -> Client {
        self.service.as_ref().expect("it runs").client()
    }

    /// The user of most tests.
    pub(crate) fn ada(&self) -> Client {
        self.anybody().with_token(&tokens::user("ada"))
    }

    /// The file that the records are in.
    pub(crate) fn file(&self) -> PathBuf {
        file_in(self.folder.path())
    }

    /// What is in it.
    pub(crate) fn content(&self) -> Vec<u8> {
        fs::read(self.file()).expect("the file is there")
    }

    /// Puts something else into it, while the service is stopped.
    pub(crate) fn overwrite(&self, content: impl AsRef<[u8]>) {
        assert!(self.service.is_none(), "a running service holds the file");
        fs::write(self.file(), content).expect("the folder is ours");
    }

    /// The names of the files beside it that contain a word.
    pub(crate) fn files_named(&self, word: &str) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path()).expect("the folder is there");
        let paths = files.map(|file| file.expect("it can be listed").path());
        paths.filter(|path| path.to_string_lossy().contains(word)).collect()
    }

    /// What is known of these persons: the ETag and the record of each.
    pub(crate) fn state(&self, ids: impl IntoIterator<Item = i64>) -> State {
        state(&self.ada(), ids)
    }

    /// Checks that a call changes nothing of the file, and gives its answer.
    #[track_caller]
    pub(crate) fn changing_nothing(&self, call: impl FnOnce(&Client) -> Answer) -> Answer {
        let before = self.content();
        let answer = call(&self.ada());
        assert_eq!(self.content(), before, "something was written: {}", answer.text());
        answer
    }
}

fn file_in(folder: &Path) -> PathBuf {
    folder.join("health.jsonl")
}

/// Starts a service that asks person at this URL.
pub(crate) fn start_on(file: &Path, person_url: &str, purge_every: Duration) -> Result<InProcess, String> {
    let (file, person_url) = (file.to_owned(), person_url.to_owned());
    let config = Config { file, person_url, purge_every, keys: tokens::keys() };
    InProcess::start(move |listener, shutdown| health::start(config, listener, shutdown))
}

/// Of each person the id, and the ETag and text of the record if there is one.
pub(crate) type State = Vec<(i64, Option<(String, String)>)>;

/// What a health service knows of these persons.
pub(crate) fn state(somebody: &Client, ids: impl IntoIterator<Item = i64>) -> State {
    let known = |id| match somebody.get(&path(id)) {
        answer if answer.status == 404 => (id, None),
        answer => (id, Some((etag(&answer), text(&answer.expect(200))))),
    };
    ids.into_iter().map(known).collect()
}

/// A body without the line feed that a terminal likes.
pub(crate) fn text(answer: &Answer) -> String {
    answer.text().trim_end().to_owned()
}

/// The path of a person's record.
pub(crate) fn path(id: i64) -> String {
    format!("/health/{id}")
}

/// A record with every vital sign.
pub(crate) fn record() -> Value {
    json!({"weight": 70.5, "height": 175, "heart_rate": 62, "blood_pressure": {"systolic": 120, "diastolic": 80}})
}

/// The ETag of an answer.
#[track_caller]
pub(crate) fn etag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no ETag: {}", answer.text())).to_owned()
}

/// Does something this many times at once, each on its own thread, and gives what came of it.
pub(crate) fn at_once<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let act = &act;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || act(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

/// Every operation on a person's record, each with a body that it takes.
pub(crate) const OPERATIONS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Does one of them.
pub(crate) fn operate(somebody: &Client, method: &str, id: i64) -> Answer {
    let call = somebody.call(method, &path(id));
    if matches!(method, "POST" | "PUT" | "PATCH") { call.json(&record()).send() } else { call.send() }
}

/// A folder in which the binary is started, asking this person service.
pub(crate) fn place(person: &FakePerson) -> Place {
    let place = Place::new(env!("CARGO_BIN_EXE_health"), "HEALTH_LISTEN", "HEALTH_FILE");
    place.with("PERSON_URL", &person.url())
}
