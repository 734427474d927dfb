//! A person service on a database of its own, and the people who use it.

use std::path::{Path, PathBuf};

use person::config::Config;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Answer, Client, InProcess, Place, Wire, tokens};

/// A running person service.
pub(crate) struct Lab {
    service: Option<InProcess>,
    folder: TempDir,
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let service = start(folder.path()).expect("the service starts");
        Self { service: Some(service), folder }
    }

    fn service(&self) -> &InProcess {
        self.service.as_ref().expect("it runs")
    }

    /// Stops the service and starts it on the same database.
    pub(crate) fn restart(&mut self) {
        self.service.take().expect("it runs").stop().expect("it stops cleanly");
        self.service = Some(start(self.folder.path()).expect("the service starts again"));
    }

    /// Somebody without a token.
    pub(crate) fn anybody(&self) -> Client {
        self.service().client()
    }

    /// A user.
    pub(crate) fn user(&self, name: &str) -> Client {
        self.anybody().with_token(&tokens::user(name))
    }

    /// The user of most tests.
    pub(crate) fn ada(&self) -> Client {
        self.user("ada")
    }

    /// An administrator.
    pub(crate) fn admin(&self) -> Client {
        self.anybody().with_token(&tokens::admin("root"))
    }

    /// The health service.
    pub(crate) fn health(&self) -> Client {
        self.anybody().with_token(&tokens::service())
    }

    /// Has Ada create a person; gives the id.
    pub(crate) fn create(&self, name: &str) -> i64 {
        create(&self.ada(), name)
    }

    /// Where its database is.
    pub(crate) fn db(&self) -> PathBuf {
        self.folder.path().join("person.db")
    }

    /// A bare connection.
    pub(crate) fn wire(&self) -> Wire {
        Wire::to(self.service().address())
    }

    /// Sends these bytes, and reads answers until the service closes.
    pub(crate) fn exchange(&self, bytes: impl AsRef<[u8]>) -> String {
        String::from_utf8(testkit::exchange(self.service().address(), bytes.as_ref())).expect("text")
    }
}

fn start(folder: &Path) -> Result<InProcess, String> {
    let config = Config { db: folder.join("person.db"), keys: tokens::keys() };
    InProcess::start(move |listener, shutdown| person::start(config, listener, shutdown))
}

/// A whole request.
pub(crate) const LIVE: &str = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

/// The head of a `POST /persons` as Ada, to which a line on the body's length is to be added.
pub(crate) fn post_head() -> String {
    let token = tokens::user("ada");
    format!(
        "POST /persons HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\n"
    )
}

/// Has somebody create a person; gives the id.
pub(crate) fn create(somebody: &Client, name: &str) -> i64 {
    let person = somebody.post("/persons", &json!({"name": name})).expect(201).json();
    person["id"].as_i64().expect("an id")
}

/// Has somebody create many persons of this name, eight at a time.
pub(crate) fn crowd(somebody: &Client, count: usize, name: &str) {
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..count / 8 {
                    create(somebody, name);
                }
            });
        }
    });
}

/// The `id` (or `seq`) of each item on a page.
pub(crate) fn numbers(answer: &Answer, member: &str) -> Vec<i64> {
    let items = answer.json();
    items.as_array().expect("an array").iter().map(|item| item[member].as_i64().expect("a number")).collect()
}

/// Follows `Link: rel="next"` from a path to the end; gives the pages.
pub(crate) fn pages(somebody: &Client, path: &str) -> Vec<Answer> {
    let mut pages = vec![somebody.get(path).expect(200)];
    while let Some(link) = pages.last().and_then(|page| page.header("link")) {
        let next = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .expect("a next link");
        pages.push(somebody.get(next).expect(200));
        assert!(pages.len() < 1000, "the links lead nowhere");
    }
    pages
}

/// The detail that belongs to each pointer of a 422.
pub(crate) fn errors(answer: &Answer) -> Vec<Value> {
    answer.json()["errors"].as_array().expect("errors").clone()
}

/// A folder in which the binary is started.
pub(crate) fn place() -> Place {
    Place::new(env!("CARGO_BIN_EXE_person"), "PERSON_LISTEN", "PERSON_DB")
}
