//! The work of each call. It knows no SQL.

use std::net::IpAddr;

use chassis::{Context, Problem, Reply, Service, StatusCode};
use serde::Serialize;
use token::{Keys, LIFE_SECONDS, Role, mint};

use crate::account::{Credentials, Registration, Uid, Username};
use crate::password::Hasher;
use crate::problems::{refused, username_taken, wrong_credentials};
use crate::routes::Call;
use crate::store::{Account, Store};
use crate::throttle::Throttle;

/// The services that accept a user's token.
const AUDIENCE: &[&str] = &["person", "health", "auth"];

/// The auth service.
#[derive(Debug)]
pub struct AuthService {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) throttle: Throttle,
    pub(crate) keys: Keys,
}

/// An account in answers.
#[derive(Serialize)]
struct Holder<'h> {
    username: &'h str,
    role: Role,
}

/// The answer to a login (RFC 6749 section 5.1).
#[derive(Serialize)]
struct AccessToken {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

impl Service for AuthService {
    type Call = Call;

    async fn handle(&self, call: Call, context: &mut Context) -> Result<Reply, Problem> {
        match call {
            Call::Register(registration) => self.register(registration).await,
            Call::LogIn(credentials) => self.log_in(credentials, context.peer()).await,
            Call::Me => {
                let claims = &context.caller()?.claims;
                Ok(Reply::json(StatusCode::OK, &Holder { username: &claims.subject, role: claims.role }))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        self.store.check()
    }
}

impl AuthService {
    async fn register(&self, Registration { username, password }: Registration) -> Result<Reply, Problem> {
        // The store decides in the end; this check saves the hash, the expensive part.
        if self.store.find(&username)?.is_some() {
            return Err(username_taken());
        }
        let hashed = self.hasher.hash(password.into_bytes()).await?;
        let uid = Uid::random().map_err(Problem::internal)?;
        if !self.store.add(username.clone(), uid, hashed).await? {
            return Err(username_taken());
        }
        Ok(Reply::json(StatusCode::CREATED, &Holder { username: username.as_str(), role: Role::User }))
    }

    async fn log_in(&self, credentials: Credentials, peer: IpAddr) -> Result<Reply, Problem> {
        // All invalid usernames share one counter, since no account has one.
        let username = Username::parse(&credentials.username).ok();
        let counter = username.as_ref().map_or("", Username::as_str);
        // An error or the timeout of the handler drops the attempt, which then does not count.
        let attempt = self.throttle.begin(counter, peer).await.map_err(refused)?;
        let account = match &username {
            Some(username) => self.store.find(username)?,
            None => None,
        };
        let (account, stored) =
            account.map(|Account { uid, role, password }| ((uid, role), password)).unzip();
        let mut verified = false;
        // Without an account each costs a hash too.
        for spelling in credentials.spellings() {
            verified = verified || self.hasher.verify(spelling.into_bytes(), stored.clone()).await?;
        }
        attempt.end(verified);
        let (Some(username), Some((uid, role)), true) = (&username, account, verified) else {
            return Err(wrong_credentials());
        };
        let holder = token::Holder { subject: username.as_str(), role, uid: Some(uid.as_str()) };
        let token = AccessToken {
            access_token: mint(&self.keys, crate::NAME, AUDIENCE, holder, LIFE_SECONDS),
            token_type: "Bearer",
            expires_in: LIFE_SECONDS,
        };
        Ok(Reply::json(StatusCode::OK, &token))
    }
}
