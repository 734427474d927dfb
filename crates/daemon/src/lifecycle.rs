//! How a service is told to stop, and how it says that it cannot go on.

use std::net::SocketAddr;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// The receiving end of the order to stop. Cheap to clone; every connection listens to one.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// The sending end. Dropping it is an order to stop as well.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

/// A pair of both.
pub fn shutdown() -> (Stop, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Shutdown(receiver))
}

impl Stop {
    /// Orders the service to stop.
    pub fn now(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Returns once the order was given.
    pub async fn ordered(&mut self) {
        // An error means that the sender is gone: an order as well.
        let _ = self.0.wait_for(|ordered| *ordered).await;
    }

    /// Whether the order was given.
    pub fn is_ordered(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// How a store says that it cannot go on, because it no longer knows what is on the disk. The service then
/// ends without answering what it has in flight; only `main` ends the process.
#[derive(Debug, Clone)]
pub struct Fatal(mpsc::UnboundedSender<String>);

/// Where the service listens for it.
#[derive(Debug)]
pub struct Failed(mpsc::UnboundedReceiver<String>);

/// A pair of both.
pub fn fatal() -> (Fatal, Failed) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Fatal(sender), Failed(receiver))
}

impl Fatal {
    /// Ends the service with this sentence.
    pub fn raise(&self, sentence: impl Into<String>) {
        // Nobody listens any more only where the service has ended already.
        let _ = self.0.send(sentence.into());
    }

    /// Ends the service if the thread that calls this panics later on: a store without its writer is no store.
    pub fn unless_returned(&self, thread: &'static str) -> impl Drop + use<> {
        struct Guard(Fatal, &'static str);
        impl Drop for Guard {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    self.0.raise(format!("the thread `{}` panicked", self.1));
                }
            }
        }
        Guard(self.clone(), thread)
    }
}

impl Failed {
    /// The sentence, if there is one by now.
    pub fn raised(&mut self) -> Option<String> {
        self.0.try_recv().ok()
    }

    /// Returns the sentence once there is one; never, where no store can raise one any more.
    pub async fn sentence(&mut self) -> String {
        match self.0.recv().await {
            Some(sentence) => sentence,
            None => std::future::pending().await,
        }
    }
}

/// A service that was started.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<Result<(), String>>,
}

impl Running {
    /// A service that listens at `address` and lives as long as `task`.
    pub fn new(address: SocketAddr, task: JoinHandle<Result<(), String>>) -> Self {
        Self { address, task }
    }

    /// Where it listens: the port that was found where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns once it has stopped, its stores closed.
    ///
    /// # Errors
    /// The sentence of what ended it, where it was not told to stop.
    pub async fn finished(self) -> Result<(), String> {
        self.task.await.unwrap_or_else(|error| Err(format!("the accept loop ended: {error}")))
    }
}
