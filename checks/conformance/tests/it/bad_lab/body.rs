//! Reading bodies and tokens, as person and health both do. The switches are those of one of them, by its name.

use serde_json::{Map, Value, json};
use testkit::tokens;

use super::auth::{OPAQUE, key};
use super::server::{Ask, Reply};
use super::{Lab, object};

const LIMIT: usize = 64 * 1024;

/// The fields of a body, or the refusal.
pub(super) fn fields(lab: &Lab, ask: &Ask, service: &str) -> Result<Map<String, Value>, Reply> {
    let makes = |mistake: &str| lab.makes(&format!("{service} {mistake}"));
    let refuse = |status, message: &str| {
        let trace = "Traceback (most recent call last):\n  File \"app.py\", line 42";
        let message = if makes("shows its traces") { trace } else { message };
        Err(Reply::error(status, message))
    };
    if !makes("takes any media type") && ask.header("content-type") != Some("application/json") {
        return refuse(415, "send application/json");
    }
    if !makes("takes large bodies") && ask.body.len() > LIMIT {
        return refuse(413, "the body is too large");
    }
    match serde_json::from_slice::<Value>(&ask.body) {
        Err(_) if makes("crashes on broken JSON") => refuse(500, "crashed"),
        Err(_) => refuse(400, "not JSON"),
        Ok(list) if list.is_array() && makes("takes lists") => {
            Ok(object(json!({"name": "a list", "weight": 70})))
        }
        Ok(body) if !body.is_object() => refuse(422, "not an object"),
        Ok(body) => Ok(object(body)),
    }
}

/// Nothing if a good token was sent, else the refusal.
pub(super) fn refused(lab: &Lab, ask: &Ask, service: &str) -> Option<Reply> {
    let makes = |mistake: &str| lab.makes(&format!("{service} {mistake}"));
    let token = ask.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let is_good = match token {
        None => makes("lets anybody in"),
        Some(token) if token == OPAQUE => lab.makes("auth gives no JWT"),
        Some(token) if token.ends_with('.') => makes("takes unsigned tokens"),
        Some(token) => {
            let signed = token.rsplit_once('.').map_or("", |(signed, _)| signed);
            makes("checks no signature") || tokens::sign(signed, &key(lab)) == token
        }
    };
    let refusal = Reply::error(401, "no good token");
    let refusal =
        if makes("gives no challenge") { refusal } else { refusal.with("WWW-Authenticate", "Bearer") };
    (!is_good).then_some(refusal)
}
