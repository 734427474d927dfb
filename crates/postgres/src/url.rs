//! The address of a cluster: `postgres://user@host1,host2/database`.

use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{LoadBalanceHosts, TargetSessionAttrs};

use crate::tls::Tls;

/// For TCP to connect to one host. The time for the whole of connecting is in `pool.rs`.
const TCP_LIMIT: Duration = Duration::from_secs(1);
/// For sent bytes to be acknowledged by a host that is gone.
const SEND_LIMIT: Duration = Duration::from_secs(3);
/// What the server does for this connection:
/// - `synchronous_commit`: a role or a database may have it off, and acknowledged writes could be lost.
/// - `lock_timeout`: shorter than `STATEMENT_LIMIT`, so that the server ends a wait for a row first. It never ends a
///   commit; `statement_timeout` would end a commit's wait for its standby, and report the commit as made.
/// - `idle_in_transaction_session_timeout`: a replica that hangs in a transaction lets go of its rows.
const OPTIONS: &str =
    "-c synchronous_commit=on -c lock_timeout=1500 -c idle_in_transaction_session_timeout=5000";

/// A parsed address. It may hold a password, so it is never printed.
#[derive(Clone)]
pub struct Url {
    config: Box<Config>,
    tls: Tls,
}

impl Url {
    /// Parses an address; `password` is used if the address has none.
    ///
    /// # Errors
    /// Returns an error message that quotes nothing of the address.
    pub fn parse(value: &str, password: Option<&str>) -> Result<Self, String> {
        let (value, tls) = take_tls(value)?;
        let mut config: Config = value.parse().map_err(|error: tokio_postgres::Error| {
            match std::error::Error::source(&error) {
                Some(source) => format!("expected postgres://USER@HOST/DATABASE: {source}"),
                None => "expected postgres://USER@HOST/DATABASE".to_owned(),
            }
        })?;
        if config.get_hosts().is_empty() {
            return Err("the address names no host".to_owned());
        }
        if let (None, Some(password)) = (config.get_password(), password) {
            config.password(password);
        }
        config.ssl_mode(tls.mode);
        Ok(Self { config: Box::new(config), tls })
    }

    /// Returns the configuration of a connection by this service.
    pub(crate) fn into_config(self, service: &str) -> (Config, Tls) {
        let mut config = *self.config;
        let options = config.get_options().map_or(OPTIONS.to_owned(), |given| format!("{given} {OPTIONS}"));
        config
            .options(options)
            .application_name(service)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            // In a fixed order each attempt would begin with the same host, even if that one accepts connections and never answers.
            .load_balance_hosts(LoadBalanceHosts::Random)
            .connect_timeout(TCP_LIMIT)
            .tcp_user_timeout(SEND_LIMIT);
        (config, self.tls)
    }
}

/// Takes the options out of an address that tokio-postgres does not know.
fn take_tls(value: &str) -> Result<(String, Tls), String> {
    let Some((address, options)) = value.split_once('?') else {
        return Ok((value.to_owned(), Tls::new(None, None)?));
    };
    let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
    for option in options.split('&') {
        match option.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value),
            Some(("sslrootcert", value)) => {
                let file = percent_decode_str(value).decode_utf8();
                authorities = Some(file.map_err(|_| "sslrootcert is not UTF-8")?);
            }
            _ => others.push(option),
        }
    }
    let tls = Tls::new(mode, authorities.as_deref())?;
    let separator = if others.is_empty() { "" } else { "?" };
    Ok((format!("{address}{separator}{}", others.join("&")), tls))
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://…")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_or_a_debug_output_quotes_no_password() {
        for bad in [
            "postgres://p:secret@/db",
            "postgres://p:secret@h:secret/db",
            "postgres://p:secret@h/db?secret=1&sslmode=require",
            "postgres://p:secret@h/db?sslmode=verify-full",
            "postgres://p:secret@h/db?sslmode=secret",
            "postgres://p:secret@h/db?sslmode=verify-full&sslrootcert=/no/such/secret@file",
            "postgres:secret",
        ] {
            let error = Url::parse(bad, None).expect_err(bad);
            // The name of an unknown option is no secret.
            assert!(!error.contains("p:secret") && !error.contains("secret@"), "{bad}: {error}");
        }
        let url = Url::parse("postgres://p:secret@h/db", None).expect("an address");
        assert!(!format!("{url:?}").contains("secret"));
    }

    #[test]
    fn a_password_in_the_address_comes_first() {
        let password = |url: &str| {
            let config = Url::parse(url, Some("other")).expect("an address").into_config("test").0;
            config.get_password().map(<[u8]>::to_vec)
        };
        assert_eq!(password("postgres://p:secret@h/db"), Some(b"secret".to_vec()));
        assert_eq!(password("postgres://p@h/db"), Some(b"other".to_vec()));
    }
}
