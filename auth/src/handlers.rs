//! The work of each call. It knows no SQL.

use std::sync::Arc;

use chassis::{Context, Problem, Reply, Service, StatusCode};
use serde::Serialize;
use token::{Keys, LIFE_SECONDS, Role, mint};

use crate::account::{Credentials, PasswordChange, Registration, SentPassword, Uid, Username};
use crate::password::Hasher;
use crate::problems::{
    account_closed, login_too_old, refused, username_taken, wrong_credentials, wrong_password,
};
use crate::routes::Call;
use crate::store::{Account, Store};
use crate::throttle::Throttle;

/// The services that accept a user's token.
const AUDIENCE: &[&str] = &["person", "health", "auth"];
/// The greatest age of a token that deletes its account, in seconds: long enough to confirm the decision, too short for
/// most thieves of a token.
const FRESH_SECONDS: u64 = 300;

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
            Call::Register(registration) => self.register(registration, context).await,
            Call::LogIn(credentials) => self.log_in(credentials, context).await,
            Call::Me => {
                let claims = &context.caller()?.claims;
                Ok(Reply::json(StatusCode::OK, &Holder { username: &claims.subject, role: claims.role }))
            }
            Call::ChangePassword(change) => self.change_password(change, context).await,
            Call::Close => self.close(context).await,
        }
    }

    fn ready(&self) -> Result<(), String> {
        self.store.check()
    }
}

impl AuthService {
    async fn register(&self, registration: Registration, context: &mut Context) -> Result<Reply, Problem> {
        let Registration { username, password } = registration;
        // The store decides in the end; this check saves the hash, the expensive part.
        if context.read(|| self.store.is_taken(&username)).await? {
            return Err(username_taken());
        }
        let hashed = self.hasher.hash(password.into_bytes()).await?;
        let uid = Uid::random().map_err(Problem::internal)?;
        if !context.write(|| self.store.add(username.clone(), uid, hashed)).await? {
            return Err(username_taken());
        }
        Ok(Reply::json(StatusCode::CREATED, &Holder { username: username.as_str(), role: Role::User }))
    }

    async fn log_in(&self, credentials: Credentials, context: &mut Context) -> Result<Reply, Problem> {
        // All invalid usernames share one counter, since no account has one.
        let username = Username::parse(&credentials.username).ok();
        let counter = username.as_ref().map_or("", Username::as_str);
        // An error or the timeout of the handler drops the attempt, which then does not count.
        let attempt = self.throttle.begin(counter, context.peer()).await.map_err(refused)?;
        let account = match &username {
            Some(username) => context.read(|| self.store.find(username)).await?,
            None => None,
        };
        let verified = self.verify(&credentials.password, account.as_ref()).await?;
        attempt.end(verified).await?;
        let (Some(username), Some(Account { password, .. }), true) = (username, account, verified) else {
            return Err(wrong_credentials());
        };
        // During the hash the account may have been closed, or its password or role changed.
        let current =
            context.read(|| self.store.find(&username)).await?.filter(|current| current.password == password);
        let Account { uid, role, .. } = current.ok_or_else(wrong_credentials)?;
        let holder = token::Holder { subject: username.as_str(), role, uid: Some(uid.as_str()) };
        let token = AccessToken {
            access_token: mint(&self.keys, crate::NAME, AUDIENCE, holder, LIFE_SECONDS),
            token_type: "Bearer",
            expires_in: LIFE_SECONDS,
        };
        Ok(Reply::json(StatusCode::OK, &token))
    }

    async fn change_password(&self, change: PasswordChange, context: &mut Context) -> Result<Reply, Problem> {
        let (username, account) = self.holder(context).await?;
        change.check(&username)?;
        let attempt = self.throttle.begin(username.as_str(), context.peer()).await.map_err(refused)?;
        let verified = self.verify(&change.current, Some(&account)).await?;
        attempt.end(verified).await?;
        if !verified {
            return Err(wrong_password());
        }
        let hashed = self.hasher.hash(change.new.into_bytes()).await?;
        if !context.write(|| self.store.change_password(username, account.password, hashed)).await? {
            // During the hashes the account was closed, or another request changed its password.
            self.holder(context).await?;
            return Err(wrong_password());
        }
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    async fn close(&self, context: &mut Context) -> Result<Reply, Problem> {
        if context.caller()?.claims.age(&self.keys) > FRESH_SECONDS {
            return Err(login_too_old(FRESH_SECONDS));
        }
        let (username, _) = self.holder(context).await?;
        if !context.write(|| self.store.close(username)).await? {
            return Err(account_closed());
        }
        Ok(Reply::empty(StatusCode::NO_CONTENT))
    }

    /// Returns whether an account has this password. Without an account each spelling costs a hash too.
    async fn verify(&self, password: &SentPassword, account: Option<&Account>) -> Result<bool, Problem> {
        for spelling in password.spellings() {
            let stored = account.map(|account| account.password.clone());
            if self.hasher.verify(spelling.into_bytes(), stored).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Returns the caller's account.
    async fn holder(&self, context: &mut Context) -> Result<(Username, Account), Problem> {
        let caller = Arc::clone(context.caller()?);
        let claims = &caller.claims;
        let username = Username::parse(&claims.subject).map_err(|_| account_closed())?;
        let account = context.read(|| self.store.find(&username)).await?;
        // In a database that was lost or restored, the username may be somebody else's.
        let account = account.filter(|account| claims.uid.as_deref() == Some(account.uid.as_str()));
        Ok((username, account.ok_or_else(account_closed)?))
    }
}
