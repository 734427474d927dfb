//! Bodies and tokens, for person and health. The name of the service selects the mistakes.

use serde_json::{Map, Value, json};

use super::server::{Request, Response};
use super::{LabState, object};

const LIMIT: usize = 64 * 1024;

/// Returns the fields of a body, or the error response.
pub(super) fn fields(
    lab: &LabState,
    request: &Request,
    service: &str,
) -> Result<Map<String, Value>, Response> {
    let makes = |mistake: &str| lab.makes(&format!("{service} {mistake}"));
    let refuse = |status, message: &str| {
        let trace = "Traceback (most recent call last):\n  File \"app.py\", line 42";
        let message = if makes("shows its traces") { trace } else { message };
        Err(Response::error(status, message))
    };
    if !makes("takes any media type") && request.header("content-type") != Some("application/json") {
        return refuse(415, "send application/json");
    }
    if !makes("takes large bodies") && request.body.len() > LIMIT {
        return refuse(413, "the body is too large");
    }
    match serde_json::from_slice::<Value>(&request.body) {
        Err(_) if makes("crashes on broken JSON") => refuse(500, "crashed"),
        Err(_) => refuse(400, "not JSON"),
        Ok(list) if list.is_array() && makes("takes lists") => {
            Ok(object(json!({"name": "a list", "weight": 70})))
        }
        Ok(body) if !body.is_object() => refuse(422, "not an object"),
        Ok(body) => Ok(object(body)),
    }
}

/// Returns the error response unless the token is valid.
pub(super) fn refused(lab: &LabState, request: &Request, service: &str) -> Option<Response> {
    let makes = |mistake: &str| lab.makes(&format!("{service} {mistake}"));
    let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let is_good = match token {
        None if request.method == "GET" => makes("lets anybody in") || makes("lets anybody read"),
        None => makes("lets anybody in") || makes("lets anybody write"),
        Some(token) if token.ends_with('.') => makes("takes unsigned tokens"),
        Some(token) => lab.accounts().tokens.contains(token) || makes("checks no signature"),
    };
    if makes("says 403 at the door") {
        return (!is_good).then(|| Response::error(403, "no good token"));
    }
    let error = Response::error(401, "no good token");
    let error = if makes("gives no challenge") { error } else { error.with("WWW-Authenticate", "Bearer") };
    (!is_good).then_some(error)
}
