//! How a store reports that the state of the disk is unknown, so that it cannot go on. The service then ends without
//! answering the requests in flight; only `main` ends the process.

use tokio::sync::mpsc;

/// The end that reports, held by every thread of a store.
#[derive(Debug, Clone)]
pub struct Fatal(mpsc::UnboundedSender<String>);

/// The end on which the service listens.
#[derive(Debug)]
pub struct Failed(mpsc::UnboundedReceiver<String>);

/// Returns a connected pair.
pub fn fatal() -> (Fatal, Failed) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Fatal(sender), Failed(receiver))
}

impl Fatal {
    /// Ends the service with this error message.
    pub fn raise(&self, message: impl Into<String>) {
        // The receiver is gone only if the service has ended already.
        let _ = self.0.send(message.into());
    }

    /// Returns a guard that ends the service if the calling thread panics: no store works without its writer.
    pub fn on_panic(&self, thread: &'static str) -> impl Drop + use<> {
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
    /// Returns the error message if one was raised.
    pub fn raised(&mut self) -> Option<String> {
        self.0.try_recv().ok()
    }

    /// Waits for an error message; waits for ever once no thread can raise one.
    pub async fn message(&mut self) -> String {
        match self.0.recv().await {
            Some(message) => message,
            None => std::future::pending().await,
        }
    }
}
