//! Finds a login: where it is, how it takes a username and a password, and an account that may use it. The number of
//! logins is bounded, and the report says which one worked.

use serde_json::Map;

use super::login::{Encoding, Login, token_of};
use super::{Subject, Token};
use crate::http::{Exchange, ExchangeError};
use crate::shape::{PASSWORD, login_fields};

/// Where versions of the lab have their login.
const LOGIN_PATHS: [&str; 7] =
    ["/login", "/auth/login", "/auth", "/token", "/api/login", "/auth/token", "/connexion"];
const REGISTER_PATHS: [&str; 3] = ["/register", "/auth/register", "/signup"];
/// The fixed accounts of versions that cannot register anybody, the usual ones first.
const ACCOUNTS: [(&str, &str); 13] = [
    ("admin", "admin"),
    ("admin", "admin123"),
    ("admin", "password"),
    ("admin", "1234"),
    ("admin", "123456"),
    ("admin", "secret"),
    ("admin", "password123"),
    ("user", "password"),
    ("user", "user"),
    ("user", "1234"),
    ("test", "test"),
    ("alice", "password"),
    ("root", "root"),
];
/// Of these accounts, other names of the fields are tried as well.
const USUAL_ACCOUNTS: usize = 4;
/// Ends the search in half a minute at a login that takes 200 ms to check a password.
const MOST_LOGINS: usize = 150;

/// A route that may be the login.
struct Endpoint {
    login: Login,
    /// The encodings to try, the most likely first.
    encodings: Vec<Encoding>,
}

impl Subject {
    /// Finds a login, and a token unless the plan has one. Must run before the checker takes person's place: the login
    /// may be on person.
    pub(crate) fn find_entry(&mut self) {
        if let Some(login) = Login::described(&self.fields, &self.shape.login) {
            self.token = self.token.take().or(self.token_from(&login).map(Token::bearer));
            self.login = Some(login);
        }
        let bases = self.live_bases();
        let mut endpoints: Vec<_> = if self.login.is_some() { Vec::new() } else { self.endpoints(&bases) };
        self.register_at(&bases, &mut endpoints);
        if self.login.is_none() {
            self.guess_account(&endpoints);
        }
        self.take_exchanges();
    }

    /// Returns the base URLs that may have a login and accept connections.
    fn live_bases(&self) -> Vec<String> {
        let auths: Vec<String> = match &self.auth {
            Some(auth) => vec![auth.clone()],
            None => self.auth_guesses.clone(),
        };
        let mut bases: Vec<String> = Vec::new();
        for base in auths.into_iter().chain(self.person.clone()).chain(self.health.clone()) {
            let base = base.trim_end_matches('/').to_owned();
            let answers = || {
                let exchange = self.request_to("GET", format!("{base}/")).without_token().send();
                !matches!(
                    exchange.response,
                    Err(ExchangeError::Refused | ExchangeError::NoSuchHost | ExchangeError::Timeout(_))
                )
            };
            if !bases.contains(&base) && answers() {
                bases.push(base);
            }
        }
        bases
    }

    /// Returns the routes that do not answer 404 to the login of an unknown user. A route that lets that user in is
    /// the login.
    fn endpoints(&mut self, bases: &[String]) -> Vec<Endpoint> {
        let paths: Vec<String> = match &self.fields.paths.login {
            Some(path) => vec![path.clone()],
            None => LOGIN_PATHS.map(str::to_owned).to_vec(),
        };
        let mut found = Vec::new();
        for base in bases {
            let nowhere = self.request_to("POST", format!("{base}/conformance-no-such-path"));
            let nowhere = nowhere.without_token().json(Map::new()).send();
            for path in &paths {
                let url = format!("{base}{path}");
                let stranger = Login {
                    method: "POST".to_owned(),
                    url,
                    encoding: Encoding::Json,
                    names: self.shape.login.clone(),
                    others: Map::new(),
                    username: self.new_username(),
                    password: PASSWORD.to_owned(),
                    is_own: false,
                };
                if let Some(endpoint) = self.endpoint(stranger, &nowhere) {
                    found.push(endpoint);
                }
                if self.login.is_some() {
                    return found;
                }
            }
        }
        found
    }

    fn endpoint(&mut self, mut login: Login, nowhere: &Exchange) -> Option<Endpoint> {
        let mut exchange = self.try_login(&login);
        let mut encodings = vec![Encoding::Json, Encoding::Form, Encoding::Basic];
        if exchange.status() == Some(405) {
            login.method = "GET".to_owned();
            encodings = vec![Encoding::Basic, Encoding::Query];
            login.encoding = Encoding::Basic;
            exchange = self.try_login(&login);
        }
        let status = exchange.status()?;
        // A service that refuses every path for want of a token has no login.
        let text = |exchange: &Exchange| exchange.text().replace(&exchange.path(), "");
        let is_anywhere = nowhere.status() == Some(status) && text(nowhere) == text(&exchange);
        if matches!(status, 405 | 501) || is_anywhere {
            return None;
        }
        if exchange.header("www-authenticate").is_some_and(|it| it.to_lowercase().starts_with("basic")) {
            encodings.sort_by_key(|encoding| *encoding != Encoding::Basic);
        }
        Some(Endpoint { login, encodings })
    }

    /// Sends a login, and keeps the login and the token if it worked.
    fn try_login(&mut self, login: &Login) -> Exchange {
        self.logins_tried += 1;
        let exchange = self.log_in(login);
        if let Some(token) = token_of(&exchange) {
            self.token.get_or_insert_with(|| Token::bearer(token));
            self.login = Some(login.clone());
            self.shape.login = login.names.clone();
        }
        exchange
    }

    /// Registers an account where that is possible, and logs it in.
    fn register_at(&mut self, bases: &[String], endpoints: &mut [Endpoint]) {
        let paths: Vec<String> = match &self.fields.paths.register {
            Some(path) => vec![path.clone()],
            None => REGISTER_PATHS.map(str::to_owned).to_vec(),
        };
        let urls: Vec<_> = bases
            .iter()
            .flat_map(|base| paths.iter().map(move |path| (base, format!("{base}{path}"))))
            .collect();
        for (base, url) in urls {
            for names in login_fields(&self.fields) {
                let username = self.new_username();
                self.shape.login.clone_from(&names);
                let body = self.credentials(&username, PASSWORD);
                let exchange = self.request_to("POST", url.clone()).without_token().json(body).send();
                if exchange.is_ok() && !exchange.text().contains("<html") {
                    self.register = Some(url);
                    if self.login.is_none() {
                        self.log_in_as(base, endpoints, &username, names);
                    }
                    return;
                }
                if !matches!(exchange.status(), Some(400 | 415 | 422 | 500)) {
                    break;
                }
            }
        }
        self.shape.login = login_fields(&self.fields).swap_remove(0);
    }

    fn log_in_as(&mut self, base: &str, endpoints: &mut [Endpoint], username: &str, names: [String; 2]) {
        endpoints.sort_by_key(|endpoint| !endpoint.login.url.starts_with(base));
        for endpoint in endpoints.iter() {
            for encoding in &endpoint.encodings {
                let login = Login {
                    encoding: *encoding,
                    names: names.clone(),
                    is_own: true,
                    ..endpoint.login.with(username, PASSWORD)
                };
                self.try_login(&login);
                if self.login.is_some() {
                    return;
                }
            }
        }
        // The account exists: a login that does not work is a finding.
        if let Some(endpoint) = endpoints.first() {
            let login = endpoint.login.with(username, PASSWORD);
            self.login = Some(Login { names, is_own: true, ..login });
        }
    }

    fn guess_account(&mut self, endpoints: &[Endpoint]) {
        let all = login_fields(&self.fields);
        let first = all[0].clone();
        let others =
            || all[1..].iter().flat_map(|names| ACCOUNTS[..USUAL_ACCOUNTS].iter().map(move |it| (names, it)));
        let rounds = ACCOUNTS.iter().map(|account| (&first, account)).chain(others());
        for (names, (username, password)) in rounds {
            for endpoint in endpoints {
                for encoding in &endpoint.encodings {
                    let is_new = *names == first || *encoding != Encoding::Basic;
                    if !is_new || self.logins_tried >= MOST_LOGINS {
                        continue;
                    }
                    let login = Login {
                        encoding: *encoding,
                        names: names.clone(),
                        ..endpoint.login.with(username, password)
                    };
                    self.try_login(&login);
                    if self.login.is_some() {
                        return;
                    }
                }
            }
        }
    }
}
