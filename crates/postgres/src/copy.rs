//! A whole store on its way out of a database, or into it, for an operator's command. Rows travel as JSON, a page at a
//! time: so this file knows no table, and the memory for a page is enough.

use anyhow::Context as _;
use storage::StoreError;
use tokio::time::Instant;

use crate::error::Failure;
use crate::migrate::Migrations;
use crate::session::Session;
use crate::write::{OPERATION_LIMIT, begin, commit};
use crate::{Database, Url};

/// The rows of a page: at most a few megabytes, and far less work than a statement has time for.
const PAGE: usize = 1000;
const FETCH: &str = "FETCH 1000 FROM pages";

/// Does the work of a command in a process that does not serve.
///
/// # Errors
/// Returns an error message for the operator.
pub fn run_command<T>(
    url: Url,
    migrations: Migrations,
    service: &'static str,
    work: impl AsyncFnOnce(&Database) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let database = Database::open(url, migrations, service, &mut storage::Registry::default());
        work(&database).await
    })
}

impl Database {
    /// Reads one state of the database, for as long as that takes; other processes may go on writing.
    ///
    /// # Errors
    /// Returns an error message for the operator, or the error of `read`.
    pub async fn snapshot<T>(
        &self,
        read: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        // Dropping the lease closes the connection, and so ends the transaction.
        let lease = self.pool.lease(Instant::now() + OPERATION_LIMIT).await.context(UNUSABLE)?;
        let begun = lease.session().run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await;
        begun.map_err(Failure).context(UNUSABLE)?;
        read(lease.session()).await
    }

    /// Does `work` as one transaction, for as long as that takes. It is not repeated: the operator can do that.
    ///
    /// # Errors
    /// Returns an error message for the operator, or the error of `work`. Nothing was changed, unless the message says
    /// that the outcome is unknown.
    pub async fn write_at_length<T>(
        &self,
        work: impl AsyncFnOnce(&Session) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut lease = self.pool.lease(Instant::now() + OPERATION_LIMIT).await.context(UNUSABLE)?;
        begin(&mut lease).await.map_err(Failure).context(UNUSABLE)?;
        let done = work(lease.session()).await?;
        match commit(&mut lease, Instant::now() + OPERATION_LIMIT).await {
            Ok(committed) => committed.map_err(Failure).context(UNUSABLE)?,
            Err(error @ StoreError::Unsettled(_)) => return Err(error).context(UNSETTLED),
            Err(error) => return Err(error).context(UNUSABLE),
        }
        Ok(done)
    }
}

const UNUSABLE: &str = "cannot use the database";
const UNSETTLED: &str = "whether the database was changed is unknown; look once it can be reached";

impl Session {
    /// Reads the rows of a query, and passes them on in pages: each is a JSON array of objects with the query's columns as
    /// members. A transaction must be open.
    ///
    /// # Errors
    /// Returns the failure of a statement, or the error of `take`.
    pub async fn read_pages(
        &self,
        query: &str,
        mut take: impl FnMut(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let declare =
            format!("DECLARE pages NO SCROLL CURSOR FOR SELECT row_to_json(row)::TEXT FROM ({query}) AS row");
        self.run(&declare).await.map_err(Failure)?;
        loop {
            let rows = self.rows(FETCH, &[]).await?;
            if rows.is_empty() {
                return Ok(self.run("CLOSE pages").await.map_err(Failure)?);
            }
            take(&array(&rows.iter().map(|row| row.get(0)).collect::<Vec<&str>>()))?;
        }
    }

    /// Runs a statement on rows, each a JSON object, in pages: its parameter `$1` is a JSON array as TEXT.
    ///
    /// # Errors
    /// Returns the failure of a statement, or the error of a row.
    pub async fn write_pages(
        &self,
        statement: &'static str,
        mut rows: impl Iterator<Item = anyhow::Result<String>>,
    ) -> anyhow::Result<()> {
        loop {
            let page = rows.by_ref().take(PAGE).collect::<anyhow::Result<Vec<_>>>()?;
            if page.is_empty() {
                return Ok(());
            }
            self.rows(statement, &[&array(&page)]).await?;
        }
    }
}

fn array<T: AsRef<str>>(objects: &[T]) -> String {
    let objects: Vec<&str> = objects.iter().map(AsRef::as_ref).collect();
    format!("[{}]", objects.join(","))
}
