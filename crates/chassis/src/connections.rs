//! The connections of a service, within two limits: their number, and the descriptors that the process may open. At a
//! limit the connection that has been idle longest makes room for a new one. If all are busy, the new one gets a 503.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::Shutdown::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use daemon::{give_back_memory, system};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, Id, JoinSet, spawn_blocking};
use tokio::time::timeout;

use crate::activity::Activity;
use crate::cores::Cores;

/// Each connection costs some 30 KB and a descriptor.
const CONNECTION_LIMIT: usize = 1024;
/// Descriptors kept for everything else that is opened while connections are served: 64 calls to another service and
/// the lookups of its address, 64 refusals, the files of a backup or a compaction.
const RESERVED_DESCRIPTORS: usize = 192;
/// With fewer connections a service could not even be probed under load.
const FEWEST_CONNECTIONS: usize = 16;
/// So many connections may have used memory that is worth giving back once most of them have ended.
const CROWD: usize = 64;
/// New connections that are told at the same time that there are too many; any further one is closed at once.
const REFUSAL_LIMIT: usize = 64;
/// For a refused client to send its request and read the answer.
const REFUSAL_TIME_LIMIT: Duration = Duration::from_secs(1);

/// The only answer of the chassis without a request, so it has no path and no trace.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n\
    Content-Type: application/problem+json\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
    Content-Length: 143\r\n\r\n\
    {\"type\":\"/problems/too-busy\",\"title\":\"The service is too busy\",\"status\":503,\"detail\":\"There are too many connections; try again in a moment.\"}\n";

/// The open connections. Dropping them closes all.
pub(crate) struct Connections {
    tasks: JoinSet<()>,
    /// Where connections are served, if not on the runtime of the listener.
    cores: Option<Cores>,
    table: HashMap<Id, (Arc<Activity>, AbortHandle)>,
    refusals: JoinSet<()>,
    /// Descriptors of connections are below this number. A process always gets the lowest free one, so a connection's
    /// number says how many are open, whoever opened them.
    descriptors: usize,
    started: Instant,
    /// The largest number of open connections since memory was given back.
    most: usize,
}

impl Connections {
    /// Raises the limit of open files if necessary. The process has opened descriptors up to `opened`.
    ///
    /// # Errors
    /// Returns an error message for the operator if the limit leaves no room for connections.
    pub(crate) fn new(service: &'static str, opened: usize, cores: Option<Cores>) -> anyhow::Result<Self> {
        let limit = daemon::raise_descriptor_limit()?;
        let descriptors = limit.saturating_sub(RESERVED_DESCRIPTORS);
        let room = descriptors.saturating_sub(opened);
        if room < FEWEST_CONNECTIONS {
            bail!(
                "the limit of open files, {limit}, is too low: {} are needed at least (ulimit -n)",
                opened + FEWEST_CONNECTIONS + RESERVED_DESCRIPTORS
            );
        }
        if room < CONNECTION_LIMIT {
            tracing::warn!(
                service,
                limit,
                "the limit of open files leaves room for {room} connections instead of {CONNECTION_LIMIT}"
            );
        }
        let (tasks, table, refusals) = (JoinSet::new(), HashMap::new(), JoinSet::new());
        Ok(Self { tasks, cores, table, refusals, descriptors, started: Instant::now(), most: 0 })
    }

    /// Serves a new connection, or refuses it.
    pub(crate) fn admit<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream, Arc<Activity>) -> F + Send + 'static,
    ) {
        let number = system::descriptor(&stream);
        let has_room = self.table.len() < CONNECTION_LIMIT && number < self.descriptors;
        if !has_room && !self.close_idlest() {
            // The empty send buffer of a new connection takes the whole answer.
            let _ = stream.try_write(REFUSAL);
            if self.refusals.len() < REFUSAL_LIMIT {
                self.refusals.spawn(finish(stream));
            }
            return;
        }
        let activity = Arc::new(Activity::new(self.started));
        let shared = Arc::clone(&activity);
        let task = match &self.cores {
            Some(cores) => cores.spawn(&mut self.tasks, stream, |stream| serve(stream, shared)),
            None => self.tasks.spawn(serve(stream, shared)),
        };
        self.table.insert(task.id(), (activity, task));
        self.most = self.most.max(self.table.len());
    }

    /// Closes the connection that has been idle longest; returns whether there was an idle one.
    fn close_idlest(&mut self) -> bool {
        loop {
            let idle =
                self.table.iter().filter_map(|(id, (activity, _))| Some((activity.idle_since()?, *id)));
            let Some((since, id)) = idle.min() else { return false };
            // A request may have begun on it meanwhile: then another one is chosen.
            if self.table.get(&id).is_some_and(|(activity, _)| activity.close(since))
                && let Some((_, task)) = self.table.remove(&id)
            {
                task.abort();
                return true;
            }
        }
    }

    /// Waits until a connection ends; returns `None` if none is open.
    pub(crate) async fn ended(&mut self) -> Option<()> {
        let ended = tokio::select! {
            Some(ended) = self.tasks.join_next_with_id() => ended,
            Some(_) = self.refusals.join_next() => return Some(()),
            else => return None,
        };
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        self.table.remove(&id);
        if self.most >= CROWD && self.table.len() <= self.most / 4 {
            self.most = self.table.len();
            spawn_blocking(give_back_memory);
        }
        Some(())
    }

    /// Closes all connections.
    pub(crate) async fn close(&mut self) {
        self.refusals.shutdown().await;
        self.tasks.shutdown().await;
    }
}

/// Reads on for a moment after the answer: if the socket were closed with bytes of a request unread, the kernel would
/// reset the connection, and the client would lose the answer.
async fn finish(stream: TcpStream) {
    let _ = SockRef::from(&stream).shutdown(Write);
    let discard = async {
        let mut chunk = [0; 4096];
        while stream.readable().await.is_ok() {
            match stream.try_read(&mut chunk) {
                Ok(0) => return,
                Err(error) if error.kind() != ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    };
    let _ = timeout(REFUSAL_TIME_LIMIT, discard).await;
}
