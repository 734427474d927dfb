//! The health service of the bad lab.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::body::fields;
use super::server::{Request, Response};
use super::{LabState, body, lookup};

const VITALS: [&str; 4] = ["weight", "height", "heart_rate", "blood_pressure"];
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Long enough that concurrent requests overlap.
const OVERLAP: Duration = Duration::from_millis(200);

pub(super) fn answer(lab: &LabState, request: &Request) -> Response {
    if lab.forgets("health") {
        lab.records().by_id.clear();
    }
    let wants_slash = lab.makes("health wants a slash") && !request.target.ends_with('/');
    let response = match wants_slash {
        true => Response::error(308, "elsewhere").with("Location", format!("{}/", request.target)),
        false => route(lab, request),
    };
    if lab.makes("health answers HTML") && response.status < 300 {
        return Response { kind: "text/html", ..response };
    }
    if lab.makes("health's errors are HTML") && response.status >= 400 { response.html() } else { response }
}

fn route(lab: &LabState, request: &Request) -> Response {
    let mut path = request.path();
    path.retain(|part| !part.is_empty());
    let ["health", id] = path[..] else { return Response::error(404, "no such path") };
    let method = &request.method[..];
    if id.parse::<u64>().is_err() {
        let status = if lab.makes("health crashes on letters") { 500 } else { 404 };
        return Response::error(status, "no such person");
    }
    if lab.makes("health has no PUT") && method == "PUT" {
        return Response::error(405, "not this method").with("Allow", "GET, POST, PATCH, DELETE");
    }
    if !METHODS.contains(&method) && !lab.makes("health takes any method") {
        return Response::error(405, "not this method").with("Allow", METHODS.join(", "));
    }
    if let Some(error) = body::refused(lab, request, "health") {
        return error;
    }
    if lab.records().remembered.contains("broken") {
        return Response::error(500, "JSONDecodeError");
    }
    let takes_body = matches!(method, "POST" | "PUT" | "PATCH");
    let fields = match takes_body
        .then(|| fields(lab, request, "health"))
        .transpose()
        .and_then(|f| vitals(lab, method, f))
    {
        Ok(fields) => fields,
        Err(error) => return error,
    };
    if lab.makes("health writes before asking") && takes_body {
        lab.records().by_id.insert(id.to_owned(), Value::Object(fields.clone()));
    }
    let asks = !lab
        .makes(&format!("health does not ask on {}", if METHODS.contains(&method) { method } else { "GET" }));
    if asks && let Some(error) = lookup::refused(lab, request, id) {
        return error;
    }
    if lab.makes("health has one record for all") {
        return operate(lab, request, if method == "POST" { "PUT" } else { method }, "1", fields);
    }
    operate(lab, request, method, id, fields)
}

/// Returns the fields of a record if all are valid.
fn vitals(
    lab: &LabState,
    method: &str,
    fields: Option<Map<String, Value>>,
) -> Result<Map<String, Value>, Response> {
    let Some(mut fields) = fields else { return Ok(Map::new()) };
    if !lab.makes("health keeps unknown fields") {
        fields.retain(|name, _| VITALS.contains(&name.as_str()));
    }
    if fields.is_empty() && method != "PATCH" && !lab.makes("health takes empty records") {
        return Err(Response::error(422, "no vital sign"));
    }
    let is_good = match fields.get("weight") {
        None => true,
        Some(Value::String(_)) => lab.makes("health takes words"),
        Some(Value::Null) => lab.makes("health takes null"),
        Some(weight) => match weight.as_f64().unwrap_or(0.0) {
            weight if weight < 0.0 => lab.makes("health takes negative weights"),
            weight if weight > 700.0 => lab.makes("health takes absurd weights"),
            _ => true,
        },
    };
    if is_good { Ok(fields) } else { Err(Response::error(422, "the weight is wrong")) }
}

fn operate(
    lab: &LabState,
    request: &Request,
    method: &str,
    id: &str,
    mut fields: Map<String, Value>,
) -> Response {
    if lab.makes("health forgets a field") {
        fields.remove("height");
    }
    let old = lab.records().by_id.get(id).cloned();
    let etag = format!("\"{}\"", lab.records().writes);
    if request.header("if-match").is_some_and(|wanted| wanted != etag)
        && !lab.makes("health ignores If-Match")
    {
        return Response::error(412, "another version");
    }
    match (method, old) {
        ("POST", Some(_))
            if !lab.makes("health overwrites by POST") && !lab.makes("health writes before asking") =>
        {
            Response::error(409, "there is a record")
        }
        ("POST", _) if lab.makes("health cannot create") => Response::error(500, "crashed"),
        ("POST", _) => {
            let record = write(lab, id, fields);
            let response =
                Response::json(if lab.makes("health says 200 to a creation") { 200 } else { 201 }, &record);
            if lab.makes("health gives no Location") {
                response
            } else {
                response.with("Location", format!("/health/{id}"))
            }
        }
        ("DELETE", None) if lab.makes("health crashes on deleting nothing") => {
            Response::error(500, "crashed")
        }
        ("PUT", None) if lab.makes("health has one record for all") => {
            Response::json(201, &write(lab, id, fields))
        }
        ("PUT", None) if lab.makes("health crashes on replacing nothing") => Response::error(500, "crashed"),
        ("GET", None) if lab.makes("health says 200 to no record") => Response::json(200, &json!({})),
        (_, None) => Response::error(404, "no record"),
        ("PUT", Some(_)) if lab.makes("health ignores PUT") => Response::json(200, &Value::Object(fields)),
        ("PUT", Some(_)) => Response::json(200, &write(lab, id, fields)),
        ("PATCH", Some(old)) => {
            let mut record =
                if lab.makes("health replaces by PATCH") { Map::new() } else { super::object(old) };
            record.extend(fields);
            Response::json(200, &write(lab, id, record))
        }
        ("DELETE", Some(_)) => {
            match lab.switch {
                Some("health deletes nothing") => {}
                Some("health deletes everything") => lab.records().by_id.clear(),
                _ => drop(lab.records().by_id.remove(id)),
            }
            Response::empty(204)
        }
        (_, Some(record)) if lab.makes("health gives no ETag") => Response::json(200, &record),
        (_, Some(record)) => Response::json(200, &record).with("ETag", etag),
    }
}

fn write(lab: &LabState, id: &str, record: Map<String, Value>) -> Value {
    let record = Value::Object(record);
    if lab.makes("health's file breaks at once") {
        lab.health_writers.fetch_add(1, Ordering::SeqCst);
        thread::sleep(OVERLAP);
        if lab.health_writers.fetch_sub(1, Ordering::SeqCst) > 1 {
            lab.records().remembered.insert("broken".to_owned());
        }
    }
    if lab.makes("health loses writes at once") {
        let mut all = lab.records().by_id.clone();
        thread::sleep(OVERLAP);
        all.insert(id.to_owned(), record.clone());
        lab.records().by_id = all;
    }
    let mut records = lab.records();
    records.writes += 1;
    if !lab.makes("health loses writes at once") {
        records.by_id.insert(id.to_owned(), record.clone());
    }
    record
}
