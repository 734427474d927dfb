//! What each call does. It knows no SQL.

use std::time::{Duration, Instant};

use chassis::header::{HeaderValue, WWW_AUTHENTICATE};
use chassis::{Fields, Problem, Reply, Request, Service, StatusCode};
use serde::Serialize;
use token::Keys;
use token::{LIFE_SECONDS, Role, mint};

use crate::account::{Password, Username};
use crate::password::Hasher;
use crate::routes::{Call, TOO_MANY_FAILURES, USERNAME_TAKEN, WRONG_CREDENTIALS};
use crate::store::Store;
use crate::throttle::Throttle;

/// The services that a token of a user is good for.
const AUDIENCE: &[&str] = &["person", "health", "auth"];

/// The auth service.
#[derive(Debug)]
pub struct AuthService {
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) throttle: Throttle,
    pub(crate) keys: Keys,
}

/// Who somebody is.
#[derive(Serialize)]
struct Holder<'h> {
    username: &'h str,
    role: Role,
}

/// RFC 6749 section 5.1.
#[derive(Serialize)]
struct AccessToken {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
}

impl Service for AuthService {
    type Call = Call;

    async fn handle(&self, call: Call, request: &mut Request) -> Result<Reply, Problem> {
        match call {
            Call::Register => self.register(request.take_fields()).await,
            Call::LogIn => self.log_in(request.take_fields()).await,
            Call::Me => {
                let claims = &request.caller().claims;
                Ok(Reply::json(StatusCode::OK, &Holder { username: &claims.subject, role: claims.role }))
            }
        }
    }

    fn ready(&self) -> Result<(), String> {
        self.store.check()
    }
}

impl AuthService {
    async fn register(&self, fields: Fields) -> Result<Reply, Problem> {
        let (username, password) = parse_registration(fields)?;
        // Before the hash, which costs most; the store decides in the end.
        let taken = || Problem::new(&USERNAME_TAKEN, "This username is taken.");
        if self.store.find(&username)?.is_some() {
            return Err(taken());
        }
        let hashed = self.hasher.hash(password.into_bytes()).await?;
        if !self.store.add(username.clone(), hashed).await? {
            return Err(taken());
        }
        Ok(Reply::json(StatusCode::CREATED, &Holder { username: username.as_str(), role: Role::User }))
    }

    async fn log_in(&self, fields: Fields) -> Result<Reply, Problem> {
        let (given, password) = parse_credentials(fields)?;
        // What is no username belongs to nobody; all of it is counted as one.
        let username = Username::parse(&given).ok();
        let counted = username.as_ref().map_or("", Username::as_str);
        self.throttle.attempt(counted, Instant::now()).map_err(too_many_failures)?;
        let account = match &username {
            Some(username) => self.store.find(username)?,
            None => None,
        };
        let (role, kept) = account.map(|account| (account.role, account.password)).unzip();
        let verified = self.hasher.verify(password.into_bytes(), kept).await;
        let verified = verified.inspect_err(|_| self.throttle.undone(counted))?;
        let (Some(username), Some(role), true) = (username.as_ref(), role, verified) else {
            return Err(Problem::new(&WRONG_CREDENTIALS, "Username or password is wrong.")
                .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mini-projet\"")));
        };
        self.throttle.succeeded(counted);
        let token = AccessToken {
            access_token: mint(&self.keys, "auth", AUDIENCE, username.as_str(), role, LIFE_SECONDS),
            token_type: "Bearer",
            expires_in: LIFE_SECONDS,
        };
        Ok(Reply::json(StatusCode::OK, &token))
    }
}

fn too_many_failures(wait: Duration) -> Problem {
    let seconds = wait.as_millis().div_ceil(1000);
    let seconds = u64::try_from(seconds).expect("at most a minute");
    Problem::new(&TOO_MANY_FAILURES, format!("Too many failures: try again in {seconds} s."))
        .retry_after(seconds)
}

fn parse_registration(mut fields: Fields) -> Result<(Username, Password), Problem> {
    let username = fields.string("username", Username::parse);
    let password = fields.string("password", Password::parse);
    if let (Some(username), Some(password)) = (&username, &password)
        && password.is(username)
    {
        fields.faults().add("/password", "must not be the username");
    }
    let faults = fields.finish(unknown);
    Ok(faults.or(username.zip(password))?.expect("what is missing is a fault"))
}

/// At a login any two strings will do: whether they could have been registered is no news to tell.
fn parse_credentials(mut fields: Fields) -> Result<(String, String), Problem> {
    let username = fields.string("username", |text| Ok(text.to_owned()));
    let password = fields.string("password", |text| Ok(text.to_owned()));
    let faults = fields.finish(unknown);
    Ok(faults.or(username.zip(password))?.expect("what is missing is a fault"))
}

fn unknown(_: &str) -> String {
    "is unknown; send `username` and `password`".to_owned()
}
