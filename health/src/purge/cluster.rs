//! The purge of a database, which every replica tries: whoever comes first erases a page and moves the cursor, in one
//! transaction. Each deleted id is marked there, so a write that was in flight during the deletion finds the mark.

use std::sync::Arc;
use std::time::Duration;

use storage::StoreError;

use super::{PAGES, PurgeMetrics, REPLACED, Running, ended_before};
use crate::feed::Feed;
use crate::identity::Replaced;
use crate::store::cluster::{Cluster, Erased};

struct PurgeTask {
    feed: Arc<Feed>,
    store: Arc<Cluster>,
    metrics: PurgeMetrics,
}

pub(super) fn start(feed: Feed, interval: Duration, store: Arc<Cluster>, metrics: PurgeMetrics) -> Running {
    let mut purge = PurgeTask { feed: Arc::new(feed), store, metrics };
    let task = tokio::spawn(async move {
        loop {
            let pass = purge.pass().await;
            purge.metrics.passed(&pass);
            tokio::time::sleep(interval).await;
        }
    });
    Running::Task(task.abort_handle())
}

impl PurgeTask {
    /// Reads the next pages of the feed and erases the records of deleted persons.
    async fn pass(&self) -> Result<(), String> {
        let failed = |error: StoreError| error.to_string();
        let token = self.feed.token();
        for _ in 0..PAGES {
            let after = self.store.position().await.map_err(failed)?.cursor;
            let (feed, token) = (Arc::clone(&self.feed), token.clone());
            let asked = tokio::task::spawn_blocking(move || feed.page(after, &token)).await;
            let Some(page) = asked.map_err(|error| error.to_string())?? else {
                self.store.rewind(after).await.map_err(failed)?;
                return Err(ended_before(after));
            };
            if page.last == after {
                let recognized = self.store.recognize(&page.identity).await.map_err(failed)?;
                return recognized.map_err(|Replaced| REPLACED.to_owned());
            }
            match self.store.erase(&page, after).await.map_err(failed)?.map_err(|Replaced| REPLACED)? {
                Erased::Records(erased) => self.metrics.erased(erased),
                Erased::Elsewhere => return Ok(()),
            }
            if !page.more {
                break;
            }
        }
        Ok(())
    }
}
