//! One runtime for each core, each with connections of its own: the thread that reads a request also receives the
//! store's answer and sends the response, so a request never changes threads.
//!
//! This suits handlers that wait only for a store of their own. For one that calls another service it is slower: the
//! other service and the threads that wait for it need the same cores, and a runtime of one thread cannot make room.

use std::io;
use std::sync::Arc;
use std::thread::{self, available_parallelism};

use anyhow::Context as _;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

/// The runtimes. Dropping them ends their threads.
pub(crate) struct Cores(Vec<Core>);

struct Core {
    runtime: Handle,
    /// Each connection holds a clone, so their number is known.
    connection: Arc<()>,
    /// The thread of the runtime ends when this is dropped.
    _end: oneshot::Sender<()>,
}

impl Cores {
    /// Starts a thread with a runtime for each core.
    ///
    /// # Errors
    /// Returns an error message for the operator if a thread cannot be started.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let count = available_parallelism().map_or(1, usize::from);
        let cores: io::Result<_> = (0..count).map(|_| Core::start()).collect();
        cores.map(Self).context("cannot start threads")
    }

    /// Serves a connection on the core that has the fewest.
    pub(crate) fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        tasks: &mut JoinSet<()>,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> AbortHandle {
        let core = self.0.iter().min_by_key(|core| Arc::strong_count(&core.connection));
        let core = core.expect("there is at least one core");
        let connection = Arc::clone(&core.connection);
        let task = async move {
            let _connection = connection;
            // A socket belongs to the runtime that it was registered with. If that fails, the connection is closed.
            if let Ok(stream) = stream.into_std().and_then(TcpStream::from_std) {
                serve(stream).await;
            }
        };
        tasks.spawn_on(task, &core.runtime)
    }
}

impl Core {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (handle, (end, ended)) = (runtime.handle().clone(), oneshot::channel::<()>());
        thread::Builder::new().name("core".to_owned()).spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Self { runtime: handle, connection: Arc::default(), _end: end })
    }
}
