//! What ureq does not tell of a call: whether the connection was new, and whether anything at all came back.
//! On these hang whether a failed call is tried again and whether person is unreachable or broken.

use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error};

/// Long enough that a name costs nothing, short enough that a container which moved is found again.
const REMEMBERED_FOR: Duration = Duration::from_secs(5);

/// As much as a lookup may come late.
const ROUNDED_TO: Duration = Duration::from_millis(50);

/// An agent whose calls are watched.
pub(crate) fn agent(config: Config, addresses: Arc<Addresses>, seen: Arc<Seen>) -> Agent {
    Agent::with_parts(config, WatchedConnector(seen), Remembering(addresses))
}

/// What was seen of the last call.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    connected: AtomicBool,
    sent: AtomicBool,
    /// Whether a byte came back.
    pub(crate) answered: AtomicBool,
}

impl Seen {
    pub(crate) fn reset(&self) {
        self.connected.store(false, Ordering::Relaxed);
        self.sent.store(false, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
    }

    /// Whether the call failed without an answer on a connection that an earlier one had opened.
    pub(crate) fn used_an_old_connection(&self) -> bool {
        let [connected, sent, answered] =
            [&self.connected, &self.sent, &self.answered].map(|seen| seen.load(Ordering::Relaxed));
        sent && !connected && !answered
    }
}

#[derive(Debug)]
struct WatchedConnector(Arc<Seen>);

impl Connector for WatchedConnector {
    type Out = Watched<Either<(), <TcpConnector as Connector>::Out>>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        self.0.connected.store(true, Ordering::Relaxed);
        let stream = TcpConnector::default().connect(details, None::<()>)?;
        let watched =
            |stream| Watched { transport: Either::B(stream), seen: Arc::clone(&self.0), in_use: true };
        Ok(stream.map(watched))
    }
}

#[derive(Debug)]
struct Watched<T> {
    transport: T,
    seen: Arc<Seen>,
    /// Whether a call is using it.
    in_use: bool,
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.seen.sent.store(true, Ordering::Relaxed);
        self.transport.transmit_output(amount, rounded(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let some = self.transport.await_input(rounded(timeout))?;
        self.seen.answered.fetch_or(some, Ordering::Relaxed);
        Ok(some)
    }

    /// Costs three system calls. ureq asks when a call has ended and again before the next: once is enough.
    fn is_open(&mut self) -> bool {
        if mem::take(&mut self.in_use) {
            return true;
        }
        self.in_use = self.transport.is_open();
        self.in_use
    }
}

/// The time that is left, rounded up: while it seems the same, the kernel need not be told.
fn rounded(timeout: NextTimeout) -> NextTimeout {
    let steps = timeout.after.as_millis() / ROUNDED_TO.as_millis() + 1;
    let after = ROUNDED_TO.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
    NextTimeout { after: after.into(), ..timeout }
}

/// The addresses of person, remembered for a few seconds: ureq resolves the name for every call, and with a
/// time limit it starts a thread to do so.
#[derive(Default)]
pub(crate) struct Addresses(Mutex<Option<(Instant, ResolvedSocketAddrs)>>);

impl Addresses {
    /// The name is resolved anew for the next call.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

struct Remembering(Arc<Addresses>);

impl fmt::Debug for Remembering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembering")
    }
}

impl Resolver for Remembering {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let known = self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((when, addresses)) = known
            && when.elapsed() < REMEMBERED_FOR
        {
            return Ok(addresses);
        }
        // Not under the lock: a name server may take its time.
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}
