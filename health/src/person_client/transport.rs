//! What ureq does not report of a call: whether the connection was new, and whether any byte came back. A retry
//! depends on both, and so does the difference between an unreachable person and an invalid response.

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
const CACHED_FOR: Duration = Duration::from_secs(5);

/// The granularity of socket timeouts: how late a lookup may time out.
const TIMEOUT_STEP: Duration = Duration::from_millis(50);

/// Returns an agent whose calls are traced and whose resolver caches.
pub(crate) fn agent(config: Config, addresses: Arc<AddressCache>, trace: Arc<ConnectionTrace>) -> Agent {
    Agent::with_parts(config, TracedConnector(trace), CachingResolver(addresses))
}

/// What happened on the connection of the last call.
#[derive(Debug, Default)]
pub(crate) struct ConnectionTrace {
    connected: AtomicBool,
    sent: AtomicBool,
    /// Whether a byte came back.
    pub(crate) answered: AtomicBool,
}

impl ConnectionTrace {
    pub(crate) fn reset(&self) {
        self.connected.store(false, Ordering::Relaxed);
        self.sent.store(false, Ordering::Relaxed);
        self.answered.store(false, Ordering::Relaxed);
    }

    /// Returns whether the call failed without an answer on a connection that an earlier call had opened.
    pub(crate) fn failed_on_reused_connection(&self) -> bool {
        let [connected, sent, answered] =
            [&self.connected, &self.sent, &self.answered].map(|flag| flag.load(Ordering::Relaxed));
        sent && !connected && !answered
    }
}

#[derive(Debug)]
struct TracedConnector(Arc<ConnectionTrace>);

impl Connector for TracedConnector {
    type Out = TracedTransport<Either<(), <TcpConnector as Connector>::Out>>;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        self.0.connected.store(true, Ordering::Relaxed);
        let stream = TcpConnector::default().connect(details, None::<()>)?;
        let traced = |stream| TracedTransport {
            transport: Either::B(stream),
            trace: Arc::clone(&self.0),
            in_use: true,
        };
        Ok(stream.map(traced))
    }
}

#[derive(Debug)]
struct TracedTransport<T> {
    transport: T,
    trace: Arc<ConnectionTrace>,
    /// Whether a call is using the connection.
    in_use: bool,
}

impl<T: Transport> Transport for TracedTransport<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.trace.sent.store(true, Ordering::Relaxed);
        self.transport.transmit_output(amount, rounded(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let some = self.transport.await_input(rounded(timeout))?;
        self.trace.answered.fetch_or(some, Ordering::Relaxed);
        Ok(some)
    }

    /// Checks the connection, which costs three system calls. ureq asks at the end of a call and again before the next one: once is enough.
    fn is_open(&mut self) -> bool {
        if mem::take(&mut self.in_use) {
            return true;
        }
        self.in_use = self.transport.is_open();
        self.in_use
    }
}

/// Rounds the remaining time up: while the rounded value stays the same, ureq makes no system call to set it.
fn rounded(timeout: NextTimeout) -> NextTimeout {
    let steps = timeout.after.as_millis() / TIMEOUT_STEP.as_millis() + 1;
    let after = TIMEOUT_STEP.saturating_mul(u32::try_from(steps).unwrap_or(u32::MAX));
    NextTimeout { after: after.into(), ..timeout }
}

/// The addresses of person, cached for a few seconds: ureq resolves the name for every call, and with a time limit
/// it starts a thread to do so.
#[derive(Default)]
pub(crate) struct AddressCache(Mutex<Option<(Instant, ResolvedSocketAddrs)>>);

impl AddressCache {
    /// Makes the next call resolve the name again.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

struct CachingResolver(Arc<AddressCache>);

impl fmt::Debug for CachingResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CachingResolver")
    }
}

impl Resolver for CachingResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let cached = self.0.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((when, addresses)) = cached
            && when.elapsed() < CACHED_FOR
        {
            return Ok(addresses);
        }
        // Without the lock: a name server may be slow.
        let addresses = DefaultResolver::default().resolve(uri, config, timeout)?;
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), addresses.clone()));
        Ok(addresses)
    }
}
