//! The auth service of the bad lab.

use serde_json::{Value, json};
use testkit::tokens;

use super::server::{Request, Response};
use super::{Account, LabState};

/// After this many wrong passwords in a row a login must wait.
const FREE_GUESSES: u32 = 5;

/// Answers a login with one fixed account, if this version has one at this service.
pub(super) fn fixed_login(lab: &LabState, service: &str, request: &Request) -> Option<Response> {
    let login = lab.dialect.login.filter(|login| login.on == service && request.target == login.path)?;
    let given = (login.reads)(request);
    let (username, password) = login.account;
    let is_good = given.as_ref().is_some_and(|(user, pass)| match lab.switch {
        Some("auth takes any password") => user == username,
        Some("auth takes anybody") => true,
        _ => user == username && pass == password,
    });
    Some(if is_good { issue(lab, username, password) } else { Response::error(401, "wrong login") })
}

pub(super) fn answer(lab: &LabState, request: &Request) -> Response {
    if lab.dialect.login.is_some() {
        return fixed_login(lab, "auth", request).unwrap_or_else(|| Response::error(404, "no such path"));
    }
    let path = request.path();
    if path[0].starts_with("login") && request.method == "GET" && lab.makes("auth logs in by GET") {
        return Response::json(200, &json!({}));
    }
    if request.method != "POST" {
        return Response::error(405, "not this method").with("Allow", "POST");
    }
    let body: Value = match serde_json::from_slice(&request.body) {
        Ok(body) => body,
        Err(_) if lab.makes("auth crashes on broken JSON") => return Response::error(500, "crashed"),
        Err(_) => return Response::error(400, "not JSON"),
    };
    let (Some(username), Some(password)) = (body["username"].as_str(), body["password"].as_str()) else {
        let status = if lab.makes("auth crashes on a missing field") { 500 } else { 422 };
        return Response::error(status, "username and password are wanted");
    };
    match path[..] {
        ["register"] => register(lab, username, password),
        ["login"] => log_in(lab, username, password),
        _ => Response::error(404, "no such path"),
    }
}

fn register(lab: &LabState, username: &str, password: &str) -> Response {
    if password.len() < 8 && !lab.makes("auth takes weak passwords") {
        return Response::error(422, "the password is too short");
    }
    let mut accounts = lab.accounts();
    let is_taken = accounts.by_username.contains_key(username);
    if !is_taken || lab.makes("auth overwrites accounts") {
        let account = Account { password: password.to_owned(), failures: 0 };
        accounts.by_username.insert(username.to_owned(), account);
    }
    match lab.switch {
        Some("auth says 201 to a taken name") if is_taken => {
            Response::json(201, &json!({"username": username}))
        }
        _ if is_taken => Response::error(409, "the name is taken"),
        Some("auth says 200 to a registration") => Response::json(200, &json!({"username": username})),
        Some("auth echoes passwords") => {
            Response::json(201, &json!({"username": username, "secret": password}))
        }
        _ => Response::json(201, &json!({"username": username})),
    }
}

fn log_in(lab: &LabState, username: &str, password: &str) -> Response {
    let mut accounts = lab.accounts();
    if lab.makes("auth takes anybody") {
        accounts
            .by_username
            .entry(username.to_owned())
            .or_insert(Account { password: String::new(), failures: 0 });
    }
    let Some(account) = accounts.by_username.get_mut(username) else {
        let status = if lab.makes("auth says 404 to unknown users") { 404 } else { 401 };
        let message = if lab.makes("auth names unknown users") { "no such user" } else { "wrong" };
        return Response::error(status, message);
    };
    if account.failures >= FREE_GUESSES && !lab.makes("auth lets anybody guess") {
        return Response::error(429, "wait").with("Retry-After", "1");
    }
    let takes_any = lab.makes("auth takes any password") || lab.makes("auth takes anybody");
    if account.password != password && !takes_any {
        account.failures += 1;
        if lab.makes("auth says 403 to a wrong password") {
            return Response::error(403, "wrong");
        }
        return Response::error(401, "wrong");
    }
    account.failures = 0;
    drop(accounts);
    issue(lab, username, password)
}

fn issue(lab: &LabState, username: &str, password: &str) -> Response {
    let mut claims = json!({"sub": username, "iat": tokens::now(), "exp": tokens::now() + 900});
    match lab.switch {
        Some("auth issues tokens for ever") => drop(claims.as_object_mut().expect("an object").remove("exp")),
        Some("auth issues tokens for a year") => claims["exp"] = json!(tokens::now() + 365 * 24 * 3600),
        Some("auth puts passwords into tokens") => claims["password"] = json!(password),
        _ => {}
    }
    let key = match lab.switch {
        Some("auth signs with a known secret") => b"secret".to_vec(),
        _ => tokens::secret(),
    };
    let token = match lab.switch {
        Some("auth gives no JWT") => "opaque".to_owned(),
        _ => tokens::forge(&json!({"alg": "HS256", "typ": "JWT"}), &claims, &key),
    };
    lab.accounts().tokens.insert(token.clone());
    Response::json(200, &json!({"access_token": token}))
}
