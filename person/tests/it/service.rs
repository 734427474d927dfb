//! A person service with its own database, and clients of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use person::config::Config;
use person::store::Location;
use serde_json::{Value, json};
use storage::ERASE_AFTER;
use tempfile::TempDir;
use testkit::{Answer, Binary, Client, InProcess, TestDir, Wire, eventually, tokens};

/// The persons that an account may own in most tests.
pub(crate) const LIMIT: u32 = 10_000;

/// A person service that runs in the test's process.
pub(crate) struct PersonService {
    running: Option<InProcess>,
    limit: u32,
    location: Location,
    folder: TempDir,
}

impl PersonService {
    /// Starts a service on the engine that this run of the tests is about.
    pub(crate) fn start() -> Self {
        Self::with_limit(LIMIT)
    }

    /// Starts a service that lets an account own this many persons.
    pub(crate) fn with_limit(limit: u32) -> Self {
        #[cfg(feature = "cluster")]
        return Self::at(crate::cluster::create_location(), limit);
        #[cfg(not(feature = "cluster"))]
        Self::on_file(limit, |_| {})
    }

    /// Starts a service on a file, which `prepare` may create, and whose content the test may look into.
    pub(crate) fn on_file(limit: u32, prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let db = folder.path().join("person.db");
        prepare(&db);
        let running = start_on(&db, limit, ERASE_AFTER).expect("the service starts");
        Self { running: Some(running), limit, location: Location::File(db), folder }
    }

    /// Starts a service whose files may hold deleted content for this long.
    pub(crate) fn erasing_after(time: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let db = folder.path().join("person.db");
        let running = start_on(&db, LIMIT, time).expect("the service starts");
        Self { running: Some(running), limit: LIMIT, location: Location::File(db), folder }
    }

    /// Starts a service on a store that another one may be using, and waits until it is ready.
    #[cfg(feature = "cluster")]
    pub(crate) fn at(location: Location, limit: u32) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let running = start_at(location.clone(), limit, ERASE_AFTER).expect("the service starts");
        let service = Self { running: Some(running), limit, location, folder };
        service.wait_until_ready();
        service
    }

    /// Waits until the store can be used.
    pub(crate) fn wait_until_ready(&self) {
        eventually("the service is ready", || (self.anonymous().get("/readyz").status == 200).then_some(()));
    }

    fn running(&self) -> &InProcess {
        self.running.as_ref().expect("the service runs")
    }

    /// Stops the service and starts it again with the same database.
    pub(crate) fn restart(&mut self) {
        self.running.take().expect("the service runs").stop().expect("a clean stop");
        let again = start_at(self.location.clone(), self.limit, ERASE_AFTER);
        self.running = Some(again.expect("the service starts again"));
        self.wait_until_ready();
    }

    /// A client without a token.
    pub(crate) fn anonymous(&self) -> Client {
        self.running().client()
    }

    /// A client with a user's token.
    pub(crate) fn user(&self, name: &str) -> Client {
        self.anonymous().with_token(&tokens::user(name))
    }

    /// A client with the token of a later account that has registered a user's name again.
    pub(crate) fn second(&self, name: &str) -> Client {
        self.anonymous().with_token(&tokens::user_with_uid(name, &format!("second-{name}")))
    }

    /// The user of most tests.
    pub(crate) fn ada(&self) -> Client {
        self.user("ada")
    }

    /// An administrator.
    pub(crate) fn admin(&self) -> Client {
        self.anonymous().with_token(&tokens::admin("root"))
    }

    /// A client with the token of the health service.
    pub(crate) fn health(&self) -> Client {
        self.anonymous().with_token(&tokens::service())
    }

    /// Creates a person as Ada and returns the id.
    pub(crate) fn create(&self, name: &str) -> i64 {
        create(&self.ada(), name)
    }

    /// Returns the list of Ada's persons.
    pub(crate) fn list(&self) -> Value {
        self.ada().get("/persons").expect(200).json()
    }

    /// The folder of the database.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of the database.
    pub(crate) fn db(&self) -> PathBuf {
        self.folder.path().join("person.db")
    }

    /// Opens a raw connection.
    pub(crate) fn connect(&self) -> Wire {
        Wire::to(self.running().address())
    }

    /// Sends these bytes and returns all that the service answers until it closes the connection.
    pub(crate) fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        String::from_utf8(testkit::exchange(self.running().address(), bytes.as_ref())).expect("UTF-8")
    }
}

/// Starts a service on this file, with a limit of persons for each account; its files may hold deleted content for this
/// long.
pub(crate) fn start_on(db: &Path, limit: u32, erase_after: Duration) -> Result<InProcess, String> {
    start_at(Location::File(db.to_owned()), limit, erase_after)
}

fn start_at(db: Location, limit: u32, erase_after: Duration) -> Result<InProcess, String> {
    let config = Config { db, limit, keys: tokens::keys(), erase_after, settings: Default::default() };
    InProcess::start(move |listener, shutdown| person::start(config, listener, shutdown))
}

/// A complete request.
pub(crate) const LIVE: &str = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

/// The head of a `POST /persons` as Ada, without the field that frames the body and without the final empty line.
pub(crate) fn post_head() -> String {
    let token = tokens::user("ada");
    format!(
        "POST /persons HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n"
    )
}

/// Returns a body with this name, and with all other members that the document's example has.
pub(crate) fn body(name: &str) -> Value {
    let document: Value = serde_json::from_str(include_str!("../../src/openapi.json")).expect("JSON");
    let mut body = document["components"]["schemas"]["NewPerson"]["examples"][0].clone();
    body["name"] = name.into();
    body
}

/// Creates a person and returns the id.
pub(crate) fn create(client: &Client, name: &str) -> i64 {
    let person = client.post("/persons", &json!({"name": name})).expect(201).json();
    person["id"].as_i64().expect("an id")
}

/// Creates many persons of this name on eight connections at a time.
pub(crate) fn create_many(client: &Client, count: usize, name: &str) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..count / 8 {
                    create(client, name);
                }
            });
        }
    });
}

/// Returns the number that `member` has in each item of a page.
pub(crate) fn numbers(page: &Answer, member: &str) -> Vec<i64> {
    let items = page.json();
    items.as_array().expect("an array").iter().map(|item| item[member].as_i64().expect("a number")).collect()
}

/// Follows `Link: rel="next"` to the last page and returns all pages.
pub(crate) fn pages(client: &Client, path: &str) -> Vec<Answer> {
    let mut pages = vec![client.get(path).expect(200)];
    while let Some(link) = pages.last().and_then(|page| page.header("link")) {
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        pages.push(client.get(next.expect("a next link")).expect(200));
        assert!(pages.len() < 1000, "the links never end");
    }
    pages
}

/// A folder to run the binary in.
pub(crate) fn test_dir() -> TestDir {
    TestDir::new(env!("CARGO_BIN_EXE_person"), "PERSON_LISTEN", "PERSON_DB")
}

/// A client of this process with Ada's token, once the process is ready.
pub(crate) fn ada(process: &mut Binary) -> Client {
    process.client().with_token(&tokens::user("ada"))
}
