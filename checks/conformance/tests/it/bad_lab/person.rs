//! The person service of the bad lab.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::LabState;
use super::body::{fields, refused};
use super::server::{Request, Response};

/// Long enough that concurrent requests overlap.
const OVERLAP: Duration = Duration::from_millis(200);

pub(super) fn answer(lab: &LabState, request: &Request) -> Response {
    if lab.forgets("person") {
        lab.persons().by_id.clear();
    }
    let wants_slash = lab.makes("person wants a slash") && request.target == "/persons";
    if let Some(response) = super::auth::fixed_login(lab, "person", request) {
        return response;
    }
    let response = match wants_slash {
        true => Response::error(308, "elsewhere").with("Location", "/persons/"),
        false => route(lab, request),
    };
    if lab.makes("person answers HTML") && response.status < 300 {
        return Response { kind: "text/html", ..response };
    }
    if lab.makes("person's errors are HTML") && response.status >= 400 { response.html() } else { response }
}

fn route(lab: &LabState, request: &Request) -> Response {
    let method =
        if lab.makes("person has no HEAD") || request.method != "HEAD" { &request.method[..] } else { "GET" };
    let mut path = request.path();
    path.retain(|part| !part.is_empty());
    let allowed = match path[..] {
        ["persons"] => "GET, POST",
        ["persons", _] => "GET, DELETE",
        _ if lab.makes("person answers any path") => return Response::json(200, &json!({})),
        _ => return Response::error(404, "no such path"),
    };
    if !allowed.split(", ").any(|allowed| allowed == method) {
        return match lab.switch {
            Some("person says 404 to a wrong method") => Response::error(404, "no such path"),
            Some("person gives no Allow") => Response::error(405, "not this method"),
            _ => Response::error(405, "not this method").with("Allow", allowed),
        };
    }
    if let Some(error) = refused(lab, request, "person") {
        return error;
    }
    match (method, &path[1..]) {
        ("POST", _) => create(lab, request),
        ("GET", []) => {
            let persons = lab.persons();
            Response::json(200, &persons.by_id.iter().map(|(id, name)| person(*id, name)).collect())
        }
        (method, [id]) => match id.parse() {
            Ok(id) if method == "GET" => read(lab, id),
            Ok(id) => delete(lab, id),
            Err(_) if lab.makes("person crashes on letters") && *id == "abc" => {
                Response::error(500, "crashed")
            }
            Err(_) if lab.makes("person crashes on huge ids") && *id != "abc" => {
                Response::error(500, "crashed")
            }
            Err(_) => Response::error(404, "no such person"),
        },
        _ => Response::error(404, "no such path"),
    }
}

fn person(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

fn create(lab: &LabState, request: &Request) -> Response {
    let fields = match fields(lab, request, "person") {
        Ok(fields) => fields,
        Err(error) => return error,
    };
    let name = match fields.get("name") {
        None if lab.makes("person needs no name") => "",
        Some(Value::Number(_)) if lab.makes("person takes numbers for names") => "42",
        Some(Value::String(name)) => name,
        _ => return Response::error(422, "a name is missing"),
    };
    if lab.makes("person wants another email each time") {
        let email = fields.get("email").and_then(Value::as_str).unwrap_or_default().to_owned();
        if email.is_empty() {
            return Response::error(400, "an email is missing");
        }
        if !lab.persons().emails.insert(email) {
            return Response::error(409, "this email is taken");
        }
    }
    if name.trim().is_empty() && !lab.makes("person takes empty names") && !lab.makes("person needs no name")
    {
        return Response::error(422, "the name is empty");
    }
    if name.len() > 200 && !lab.makes("person takes long names") {
        return Response::error(422, "the name is too long");
    }
    if name.contains('\'') && lab.makes("person breaks on quotes") {
        return Response::error(500, "crashed");
    }
    if lab.makes("person breaks on requests at once") && overlaps_another(lab) {
        return Response::error(500, "database is locked");
    }
    let id = insert(lab, name, fields.get("id"));
    let made = match lab.switch {
        Some("person forgets the id") => json!({"message": "created"}),
        Some("person's ids are text") => json!({"id": id.to_string(), "name": name}),
        _ => person(id, name),
    };
    let response = Response::json(if lab.makes("person says 200 to a creation") { 200 } else { 201 }, &made);
    if lab.makes("person gives no Location") {
        response
    } else {
        response.with("Location", format!("/persons/{id}"))
    }
}

fn overlaps_another(lab: &LabState) -> bool {
    lab.person_asked_at_once.fetch_add(1, Ordering::SeqCst);
    thread::sleep(OVERLAP);
    lab.person_asked_at_once.fetch_sub(1, Ordering::SeqCst) > 1
}

fn insert(lab: &LabState, name: &str, wanted: Option<&Value>) -> i64 {
    let mut persons = lab.persons();
    persons.last_id += 1;
    let id = match lab.switch {
        Some("person's ids come from names") => {
            name.bytes().fold(7, |id, byte| (id * 31 + i64::from(byte)) % 1_000_003)
        }
        Some("person takes the id from the body") => {
            wanted.and_then(Value::as_i64).unwrap_or(persons.last_id)
        }
        Some("person counts persons") => persons.by_id.len() as i64 + 1,
        Some("person gives ids again") => persons.by_id.keys().last().copied().unwrap_or(0) + 1,
        _ => persons.last_id,
    };
    let name = match lab.switch {
        Some("person forgets names") => "?".to_owned(),
        Some("person keeps ASCII only") => name.chars().filter(char::is_ascii).collect(),
        _ => name.to_owned(),
    };
    persons.by_id.insert(id, name);
    id
}

fn read(lab: &LabState, id: i64) -> Response {
    match lab.persons().by_id.get(&id) {
        Some(name) => Response::json(200, &person(id, name)),
        None if lab.makes("person says 200 to nobody") => Response::json(200, &Value::Null),
        None => Response::error(404, "no such person"),
    }
}

fn delete(lab: &LabState, id: i64) -> Response {
    let mut persons = lab.persons();
    let is_there = persons.by_id.contains_key(&id);
    if !lab.makes("person deletes nothing") {
        persons.by_id.remove(&id);
    }
    match is_there {
        true if lab.makes("person says 202 to a deletion") => Response::error(202, "perhaps"),
        false if !lab.makes("person says 204 to deleting nobody") => Response::error(404, "no such person"),
        _ => Response::empty(204),
    }
}
