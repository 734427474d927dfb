//! TLS to the database, by rustls, with the modes of libpq. Certificates of clients and channel binding are left out.

use std::io::{self, ErrorKind, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, fs};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;

use verifier::Verifier;

mod verifier;

/// What `sslmode` and `sslrootcert` of an address ask for.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) mode: SslMode,
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Reads the values of `sslmode` and `sslrootcert`. As in libpq, `prefer` is the default, and `require` checks the
    /// certificate if there is a file of authorities.
    ///
    /// # Errors
    /// Returns an error message that quotes neither value.
    pub(crate) fn new(mode: Option<&str>, authorities: Option<&str>) -> Result<Self, String> {
        let verifier = match (mode, authorities) {
            (None | Some("disable" | "prefer"), _) | (Some("require"), None) => Verifier::of_anybody(),
            (Some("require" | "verify-ca"), Some(file)) => Verifier::of_authorities(&read(file)?, false)?,
            (Some("verify-full"), Some(file)) => Verifier::of_authorities(&read(file)?, true)?,
            (Some("verify-ca" | "verify-full"), None) => {
                return Err("sslmode=verify-ca and verify-full need sslrootcert=FILE".to_owned());
            }
            (Some(_), _) => {
                return Err("sslmode must be disable, prefer, require, verify-ca or verify-full".to_owned());
            }
        };
        let mode = match mode {
            Some("disable") => SslMode::Disable,
            None | Some("prefer") => SslMode::Prefer,
            Some(_) => SslMode::Require,
        };
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self { mode, config: Arc::new(config) })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tls({:?})", self.mode)
    }
}

/// Reads a file of certificates, which is no larger than the largest bundle of a system.
fn read(file: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    fs::File::open(file)
        .and_then(|file| file.take(4 << 20).read_to_end(&mut bytes))
        .map_err(|error| format!("the file of sslrootcert cannot be read: {error}"))?;
    Ok(bytes)
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> io::Result<Handshake> {
        // The socket of a local server has no name, and no TLS.
        Ok(Handshake { name: ServerName::try_from(host.to_owned()).ok(), config: Arc::clone(&self.config) })
    }
}

pub(crate) struct Handshake {
    name: Option<ServerName<'static>>,
    config: Arc<ClientConfig>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Handshake {
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let name = self.name.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "not a host name"))?;
            TlsConnector::from(self.config).connect(name, stream).await.map(Encrypted)
        })
    }
}

/// A stream that tokio-postgres takes.
pub(crate) struct Encrypted<S>(tokio_rustls::client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
