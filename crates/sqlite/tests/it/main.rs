//! The database layer on its own: what it promises to the stores that are built on it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use chassis::metrics::Metrics;
use daemon::fatal;
use sqlite::rusqlite::Connection;
use sqlite::{Access, Database, Error, Migrations, connect};
use tempfile::TempDir;
use testkit::PATIENCE;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

const FIRST: &str = "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;";
const SECOND: &str = "ALTER TABLE word ADD COLUMN language TEXT NOT NULL DEFAULT 'en';";

/// A database in a folder of its own.
struct Lab {
    database: Option<Database>,
    folder: TempDir,
}

impl Lab {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = open(&folder.path().join("words"), &[FIRST]).expect("it opens");
        Self { database: Some(database), folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("words")
    }

    fn database(&self) -> &Database {
        self.database.as_ref().expect("it is open")
    }

    fn close(&mut self) {
        self.database = None;
    }

    async fn add(&self, text: impl Into<String>) -> Result<(), Error> {
        let text = text.into();
        let insert =
            move |db: &Connection| db.execute("INSERT INTO word (text) VALUES (?1)", [text]).map(drop);
        self.database().write(insert).await
    }

    /// Runs a PRAGMA on the connection that writes.
    async fn pragma(&self, name: &'static str, value: i64) {
        let set = move |db: &Connection| db.pragma_update(None, name, value);
        self.database().write(set).await.expect("the pragma is set");
    }

    fn last_id(&self) -> i64 {
        let last =
            |db: &Connection| db.query_row("SELECT ifnull(max(id), 0) FROM word", [], |row| row.get(0));
        self.database().read(last).expect("it can be read")
    }

    fn count(&self) -> i64 {
        let count = |db: &Connection| db.query_row("SELECT count(*) FROM word", [], |row| row.get(0));
        self.database().read(count).expect("it can be read")
    }
}

fn open(path: &Path, migrations: Migrations) -> Result<Database, String> {
    let (fatal, _failed) = fatal();
    Database::open(path, migrations, fatal, &mut Metrics::default())
}

#[tokio::test]
async fn the_connection_that_writes_syncs_each_commit_of_its_wal() {
    let lab = Lab::new();
    for (name, expected) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
        let query = move |db: &Connection| {
            db.pragma_query_value(None, name, |row| row.get::<_, sqlite::rusqlite::types::Value>(0))
        };
        let value = match lab.database().write(query).await.expect("it can be asked") {
            sqlite::rusqlite::types::Value::Text(text) => text,
            sqlite::rusqlite::types::Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        assert_eq!(value, expected, "{name}");
    }
}

#[tokio::test]
async fn a_full_database_refuses_writes_serves_reads_and_recovers() {
    let lab = Lab::new();
    lab.add("first").await.expect("there is room");
    // SQLite then says SQLITE_FULL, as it does where the disk is full.
    lab.pragma("max_page_count", 10).await;
    let mut added = 1;
    let refusal = loop {
        match lab.add(format!("{added} {}", "x".repeat(2000))).await {
            Ok(()) => added += 1,
            Err(error) => break error,
        }
        assert!(added < 100, "it never fills");
    };
    assert!(matches!(refusal, Error::Full(_)), "{refusal:?}");
    assert_eq!(chassis::Problem::from(refusal).status(), 507);
    assert_eq!(lab.count(), added, "nothing is half-written");
    assert_eq!(lab.database().check(), Ok(()));

    lab.pragma("max_page_count", 10_000).await;
    lab.add("x".repeat(2000)).await.expect("there is room again");
    assert_eq!(lab.count(), added + 1);
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing_and_the_next_one_works() {
    let lab = Lab::new();
    lab.add("taken").await.expect("it is new");
    let twice = |db: &Connection| {
        db.execute("INSERT INTO word (text) VALUES ('fresh')", [])?;
        db.execute("INSERT INTO word (text) VALUES ('taken')", [])
    };
    assert!(matches!(lab.database().write(twice).await, Err(Error::Failed(_))));
    assert_eq!(lab.count(), 1);
    lab.add("fresh").await.expect("it was undone");
}

#[tokio::test]
async fn every_answered_write_is_there_and_every_refused_one_is_not() {
    let mut lab = Lab::new();
    let database = std::sync::Arc::new(lab.database.take().expect("it is open"));
    let mut writes = JoinSet::new();
    for i in 0..500 {
        let database = std::sync::Arc::clone(&database);
        // Every tenth does what is forbidden, and takes those of its transaction with it.
        let text = if i % 10 == 0 { None } else { Some(i) };
        writes.spawn(async move {
            let insert = move |db: &Connection| {
                db.execute("INSERT INTO word (text) VALUES (CAST(?1 AS TEXT))", [text])
            };
            (i, database.write(insert).await.is_ok())
        });
    }
    let (mut kept, mut refused) = (0, 0);
    while let Some(outcome) = writes.join_next().await {
        let (i, ok) = outcome.expect("no panic");
        assert!(!ok || i % 10 != 0, "{i} was forbidden");
        let count = |db: &Connection| {
            db.query_row("SELECT count(*) FROM word WHERE text = ?1", [i.to_string()], |row| {
                row.get::<_, i64>(0)
            })
        };
        assert_eq!(database.read(count).expect("it can be read"), i64::from(ok), "{i}");
        if ok { kept += 1 } else { refused += 1 }
    }
    assert!(refused >= 50 && kept + refused == 500, "{kept} kept, {refused} refused");
}

#[tokio::test]
async fn a_database_is_open_once_and_leaves_no_wal_when_it_closes() {
    let mut lab = Lab::new();
    lab.add("kept").await.expect("it is new");
    assert!(open(&lab.path(), &[FIRST]).expect_err("it is in use").contains("in use by another process"));
    lab.close();
    let wal = lab.folder.path().join("words-wal");
    assert!(!wal.exists(), "the WAL was folded into the database");
    lab.database = Some(open(&lab.path(), &[FIRST]).expect("it is free"));
    assert_eq!(lab.count(), 1);
}

#[tokio::test]
async fn what_waits_when_it_closes_is_written_still() {
    let mut lab = Lab::new();
    // Sent, not awaited: the first poll puts it into the queue.
    for i in 0..50 {
        let mut write = std::pin::pin!(lab.add(format!("word {i}")));
        std::future::poll_fn(|cx| {
            let _ = write.as_mut().poll(cx);
            std::task::Poll::Ready(())
        })
        .await;
    }
    lab.close();
    lab.database = Some(open(&lab.path(), &[FIRST]).expect("it is free"));
    assert_eq!(lab.count(), 50);
}

#[tokio::test]
async fn a_migration_runs_once_and_keeps_what_is_there() {
    let mut lab = Lab::new();
    lab.add("kept").await.expect("it is new");
    lab.close();
    for _ in 0..2 {
        lab.database = Some(open(&lab.path(), &[FIRST, SECOND]).expect("it is migrated"));
        let language =
            |db: &Connection| db.query_row("SELECT language FROM word", [], |row| row.get::<_, String>(0));
        assert_eq!(lab.database().read(language).expect("it is there"), "en");
        lab.close();
    }
    let refusal = open(&lab.path(), &[FIRST]).expect_err("it is newer");
    assert!(refusal.contains("schema version 2") && refusal.contains("1 at most"), "{refusal}");
}

#[test]
fn a_migration_that_fails_leaves_the_version_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("words");
    let refusal = open(&path, &[FIRST, "CREATE TABLE other (id INTEGER) STRICT; SELECT nothing;"])
        .expect_err("it fails");
    assert!(refusal.contains(path.to_str().expect("text")), "{refusal}");
    let db = connect(&path, Access::Existing, &[FIRST]).expect("it opens at its first version");
    let tables: i64 = db
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('word', 'other')",
            [],
            |row| row.get(0),
        )
        .expect("it can be read");
    assert_eq!(tables, 1, "the failed one left nothing, not even what came before it");
}

/// Reads the last id over and over on two threads while `work` goes on; it must never go down.
async fn while_read<T>(lab: &Lab, work: impl Future<Output = T>) -> T {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let read = || {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                let id = lab.last_id();
                assert!(id >= last, "{id} after {last}");
                last = id;
            }
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        let work = || tokio::task::block_in_place(|| Handle::current().block_on(work));
        let came = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("no id went down");
        }
        came.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_read_at_once_however_much_is_read_beside() {
    let lab = Lab::new();
    let writes = async {
        for i in 1..=200 {
            lab.add(format!("word {i}")).await.expect("it is new");
            assert_eq!(lab.last_id(), i);
        }
    };
    while_read(&lab, writes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wal_begins_anew_though_it_is_read_all_the_time() {
    let lab = Lab::new();
    // Each takes three pages of 4 KiB or more: 20 MB of WAL in all, had it to hold them.
    let writes = async {
        for i in 0..1500 {
            lab.add(format!("{i} {}", "x".repeat(8000))).await.expect("it is new");
        }
    };
    while_read(&lab, writes).await;
    let wal = fs::metadata(lab.folder.path().join("words-wal")).expect("it is open").len();
    assert!(wal < 12 << 20, "the WAL has grown to {wal} bytes");
}

#[tokio::test]
async fn what_another_process_writes_is_seen_though_it_is_read_all_the_time() {
    let lab = Lab::new();
    lab.add("ours").await.expect("it is new");
    let other = connect(&lab.path(), Access::Existing, &[FIRST]).expect("it opens beside");
    assert_eq!(lab.count(), 1);
    other.execute("INSERT INTO word (text) VALUES ('theirs')", []).expect("nobody writes");
    let start = Instant::now();
    while lab.count() < 2 {
        assert!(start.elapsed() < PATIENCE, "it is never seen");
    }
}

#[tokio::test]
async fn another_process_may_write_beside_it() {
    let lab = Lab::new();
    lab.add("ours").await.expect("it is new");
    let other = connect(&lab.path(), Access::Existing, &[FIRST]).expect("it opens beside");
    other.execute("INSERT INTO word (text) VALUES ('theirs')", []).expect("nobody writes");
    assert_eq!(lab.count(), 2);
    lab.add("ours again").await.expect("nobody writes");
    let missing = connect(&lab.folder.path().join("missing"), Access::Existing, &[FIRST]);
    assert!(missing.is_err() && !lab.folder.path().join("missing").exists());
}
