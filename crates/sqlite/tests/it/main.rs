//! The database layer alone, with the guarantees that the services' stores rely on.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use daemon::fatal;
use sqlite::rusqlite::types::Value;
use sqlite::rusqlite::{Connection, Row};
use sqlite::{Database, Migrations, connect};
use storage::{ERASE_AFTER, Registry, StoreError};
use tempfile::TempDir;
use testkit::PATIENCE;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

const FIRST: &str = "CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;";
const SECOND: &str = "ALTER TABLE word ADD COLUMN language TEXT NOT NULL DEFAULT 'en';";

/// A database of words in its own folder.
struct TestDatabase {
    database: Option<Database>,
    folder: TempDir,
}

impl TestDatabase {
    fn new() -> Self {
        let mut new = Self { database: None, folder: tempfile::tempdir().expect("a temporary folder") };
        new.open(&[FIRST]);
        new
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("words")
    }

    fn open(&mut self, migrations: Migrations) {
        self.database = Some(open(&self.path(), migrations).expect("a database"));
    }

    fn close(&mut self) {
        self.database = None;
    }

    fn database(&self) -> &Database {
        self.database.as_ref().expect("an open database")
    }

    async fn add(&self, text: impl Into<String>) -> Result<(), StoreError> {
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

    /// Reads one number.
    fn number(&self, query: &'static str) -> i64 {
        let read = move |db: &Connection| db.query_row(query, [], |row: &Row<'_>| row.get(0));
        self.database().read(read).expect("a number")
    }

    fn count(&self) -> i64 {
        self.number("SELECT count(*) FROM word")
    }

    fn last_id(&self) -> i64 {
        self.number("SELECT ifnull(max(id), 0) FROM word")
    }
}

fn open(path: &Path, migrations: Migrations) -> Result<Database, String> {
    let (fatal, _failed) = fatal();
    let opened = Database::open(path, migrations, ERASE_AFTER, fatal, &mut Registry::default());
    opened.map_err(|error| format!("{error:#}"))
}

#[tokio::test]
async fn writer_syncs_each_commit_of_its_wal() {
    let test = TestDatabase::new();
    for (name, expected) in [
        ("journal_mode", Value::Text("wal".to_owned())),
        ("synchronous", Value::Integer(2)),
        ("foreign_keys", Value::Integer(1)),
        // For macOS, where an ordinary sync does not reach the disk.
        ("fullfsync", Value::Integer(1)),
        ("checkpoint_fullfsync", Value::Integer(1)),
        ("secure_delete", Value::Integer(1)),
    ] {
        let query = move |db: &Connection| db.pragma_query_value(None, name, |row| row.get::<_, Value>(0));
        assert_eq!(test.database().write(query).await.expect("a value"), expected, "{name}");
    }
}

#[tokio::test]
async fn full_database_refuses_writes_serves_reads_and_recovers() {
    let test = TestDatabase::new();
    test.add("first").await.expect("there is room");
    // At this limit SQLite reports SQLITE_FULL, as on a full disk.
    test.pragma("max_page_count", 10).await;
    let mut added = 1;
    let refusal = loop {
        match test.add(format!("{added} {}", "x".repeat(2000))).await {
            Ok(()) => added += 1,
            Err(error) => break error,
        }
        assert!(added < 100, "the database is never full");
    };
    assert!(matches!(refusal, StoreError::Full(_)), "{refusal:?}");
    assert_eq!(test.count(), added, "a word is half-written");
    assert_eq!(test.database().check(), Ok(()));

    test.pragma("max_page_count", 10_000).await;
    test.add("x".repeat(2000)).await.expect("there is room again");
    assert_eq!(test.count(), added + 1);
}

#[tokio::test]
async fn failed_write_changes_nothing() {
    let test = TestDatabase::new();
    test.add("taken").await.expect("a new word");
    let both = |db: &Connection| {
        db.execute("INSERT INTO word (text) VALUES ('fresh')", [])?;
        db.execute("INSERT INTO word (text) VALUES ('taken')", [])
    };
    assert!(matches!(test.database().write(both).await, Err(StoreError::Failed(_))));
    assert_eq!(test.count(), 1);
    test.add("fresh").await.expect("the failed write was undone");
}

#[tokio::test]
async fn concurrent_writes_are_stored_if_and_only_if_acknowledged() {
    let mut test = TestDatabase::new();
    let database = Arc::new(test.database.take().expect("an open database"));
    let mut writes = JoinSet::new();
    for i in 0..500 {
        let database = Arc::clone(&database);
        // Every tenth write violates NOT NULL, which rolls back the others of its transaction.
        let text = if i % 10 == 0 { None } else { Some(i) };
        writes.spawn(async move {
            let insert = move |db: &Connection| {
                db.execute("INSERT INTO word (text) VALUES (CAST(?1 AS TEXT))", [text])
            };
            (i, database.write(insert).await.is_ok())
        });
    }
    let (mut stored, mut refused) = (0, 0);
    while let Some(outcome) = writes.join_next().await {
        let (i, ok) = outcome.expect("no panic");
        assert!(!ok || i % 10 != 0, "the invalid write {i} was acknowledged");
        let query = "SELECT count(*) FROM word WHERE text = ?1";
        let count = |db: &Connection| db.query_row(query, [i.to_string()], |row| row.get::<_, i64>(0));
        assert_eq!(database.read(count).expect("a number"), i64::from(ok), "{i}");
        if ok { stored += 1 } else { refused += 1 }
    }
    assert!(refused >= 50 && stored + refused == 500, "{stored} stored, {refused} refused");
}

#[tokio::test]
async fn database_is_locked_while_open_and_has_no_wal_when_closed() {
    let mut test = TestDatabase::new();
    test.add("kept").await.expect("a new word");
    let refusal = open(&test.path(), &[FIRST]).expect_err("a lock");
    assert!(refusal.contains("in use by another process"), "{refusal}");
    test.close();
    assert!(!test.folder.path().join("words-wal").exists());
    test.open(&[FIRST]);
    assert_eq!(test.count(), 1);
}

#[tokio::test]
async fn queued_writes_are_stored_when_the_database_closes() {
    let mut test = TestDatabase::new();
    for i in 0..50 {
        // The first poll puts the write into the queue. It is never awaited.
        let mut write = std::pin::pin!(test.add(format!("word {i}")));
        std::future::poll_fn(|cx| {
            let _ = write.as_mut().poll(cx);
            std::task::Poll::Ready(())
        })
        .await;
    }
    test.close();
    test.open(&[FIRST]);
    assert_eq!(test.count(), 50);
}

#[tokio::test]
async fn migration_runs_once_and_keeps_the_data() {
    let mut test = TestDatabase::new();
    test.add("kept").await.expect("a new word");
    test.close();
    for _ in 0..2 {
        test.open(&[FIRST, SECOND]);
        assert_eq!(test.number("SELECT language = 'en' FROM word"), 1);
        test.close();
    }
    let before = fs::read(test.path()).expect("a database");
    let refusal = open(&test.path(), &[FIRST]).expect_err("a newer schema");
    assert!(refusal.contains("schema version 2") && refusal.contains("1 at most"), "{refusal}");
    assert!(fs::read(test.path()).expect("a database") == before, "the refused database was changed");
}

#[test]
fn failed_migration_leaves_the_previous_version() {
    const INVALID: &str = "CREATE TABLE other (id INTEGER) STRICT; SELECT nothing;";
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("words");
    let refusal = open(&path, &[FIRST, INVALID]).expect_err("an error");
    assert!(refusal.contains(path.to_str().expect("text")), "{refusal}");
    let db = connect(&path, &[FIRST]).expect("the first version");
    let query = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('word', 'other')";
    let tables: i64 = db.query_row(query, [], |row| row.get(0)).expect("a number");
    assert_eq!(tables, 1, "a part of the failed migration is left");
}

/// Reads the last id on two threads while `work` runs, and checks that it never decreases.
async fn while_reading<T>(test: &TestDatabase, work: impl Future<Output = T>) -> T {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let read = || {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                let id = test.last_id();
                assert!(id >= last, "{id} after {last}");
                last = id;
            }
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        let work = || tokio::task::block_in_place(|| Handle::current().block_on(work));
        let result = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("no id decreased");
        }
        result.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_write_is_visible_to_the_next_read() {
    let test = TestDatabase::new();
    let writes = async {
        for i in 1..=200 {
            test.add(format!("word {i}")).await.expect("a new word");
            assert_eq!(test.last_id(), i);
        }
    };
    while_reading(&test, writes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wal_is_restarted_under_constant_reads() {
    let test = TestDatabase::new();
    // Each word takes at least three pages of 4 KiB, so a WAL that was never restarted would have 20 MB.
    let writes = async {
        for i in 0..1500 {
            test.add(format!("{i} {}", "x".repeat(8000))).await.expect("a new word");
        }
    };
    while_reading(&test, writes).await;
    let wal = fs::metadata(test.folder.path().join("words-wal")).expect("a WAL").len();
    assert!(wal < 12 << 20, "the WAL has {wal} bytes");
}

#[tokio::test]
async fn another_process_may_write_too() {
    let test = TestDatabase::new();
    test.add("ours").await.expect("a new word");
    let other = connect(&test.path(), &[FIRST]).expect("a second connection");
    assert_eq!(test.count(), 1);
    other.execute("INSERT INTO word (text) VALUES ('theirs')", []).expect("no other writer");
    // Reads without a pause must not keep the old snapshot.
    let start = Instant::now();
    while test.count() < 2 {
        assert!(start.elapsed() < PATIENCE, "the word of the other process is never read");
    }
    test.add("ours again").await.expect("no other writer");
    let missing = test.folder.path().join("missing");
    assert!(connect(&missing, &[FIRST]).is_err() && !missing.exists());
}
