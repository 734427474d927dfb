//! How a service is ordered to stop.

use tokio::sync::watch;

/// The receiving end of the order to stop. Cheap to clone: every connection holds one.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// The sending end. Dropping it orders a stop as well.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

/// Returns a connected pair.
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
    /// Waits for the order.
    pub async fn ordered(&mut self) {
        // An error means that the sender was dropped: an order too.
        let _ = self.0.wait_for(|ordered| *ordered).await;
    }

    /// Returns whether the order was given.
    pub fn is_ordered(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}
