//! Person.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::body::{fields, refused};
use super::server::{Ask, Reply};
use super::{Lab, Persons};

/// Long enough that requests sent at once meet.
const MEETING: Duration = Duration::from_millis(200);

pub(super) fn answer(lab: &Lab, ask: &Ask) -> Reply {
    let reply = route(lab, ask);
    if lab.makes("person answers HTML") && reply.status < 300 {
        return Reply { kind: "text/html", ..reply };
    }
    if lab.makes("person's errors are HTML") && reply.status >= 400 { reply.html() } else { reply }
}

fn route(lab: &Lab, ask: &Ask) -> Reply {
    let method =
        if lab.makes("person has no HEAD") || ask.method != "HEAD" { &ask.method[..] } else { "GET" };
    let path = ask.path();
    let allowed = match path[..] {
        ["persons"] => "GET, POST",
        ["persons", _] => "GET, DELETE",
        _ if lab.makes("person answers any path") => return Reply::json(200, &json!({})),
        _ => return Reply::error(404, "no such path"),
    };
    if !allowed.split(", ").any(|allowed| allowed == method) {
        return match lab.switch {
            Some("person says 404 to a wrong method") => Reply::error(404, "no such path"),
            Some("person gives no Allow") => Reply::error(405, "not this method"),
            _ => Reply::error(405, "not this method").with("Allow", allowed),
        };
    }
    if let Some(refusal) = refused(lab, ask, "person") {
        return refusal;
    }
    match (method, &path[1..]) {
        ("POST", _) => create(lab, ask),
        ("GET", []) => {
            let persons = lab.persons();
            Reply::json(200, &persons.by_id.iter().map(|(id, name)| person(*id, name)).collect())
        }
        (method, [id]) => match id.parse() {
            Ok(id) if method == "GET" => read(lab, id),
            Ok(id) => delete(lab, id),
            Err(_) if lab.makes("person crashes on letters") && *id == "abc" => Reply::error(500, "crashed"),
            Err(_) if lab.makes("person crashes on huge ids") && *id != "abc" => Reply::error(500, "crashed"),
            Err(_) => Reply::error(404, "no such person"),
        },
        _ => Reply::error(404, "no such path"),
    }
}

fn person(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

fn create(lab: &Lab, ask: &Ask) -> Reply {
    let fields = match fields(lab, ask, "person") {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let name = match fields.get("name") {
        None if lab.makes("person needs no name") => "",
        Some(Value::Number(_)) if lab.makes("person takes numbers for names") => "42",
        Some(Value::String(name)) => name,
        _ => return Reply::error(422, "a name is missing"),
    };
    if name.trim().is_empty() && !lab.makes("person takes empty names") && !lab.makes("person needs no name")
    {
        return Reply::error(422, "the name is empty");
    }
    if name.len() > 200 && !lab.makes("person takes long names") {
        return Reply::error(422, "the name is too long");
    }
    if name.contains('\'') && lab.makes("person breaks on quotes") {
        return Reply::error(500, "crashed");
    }
    if lab.makes("person breaks on requests at once") && meets_another(lab) {
        return Reply::error(500, "database is locked");
    }
    let id = insert(lab, name, fields.get("id"));
    let made = match lab.switch {
        Some("person forgets the id") => json!({"message": "created"}),
        Some("person's ids are text") => json!({"id": id.to_string(), "name": name}),
        _ => person(id, name),
    };
    let reply = Reply::json(if lab.makes("person says 200 to a creation") { 200 } else { 201 }, &made);
    if lab.makes("person gives no Location") {
        reply
    } else {
        reply.with("Location", format!("/persons/{id}"))
    }
}

fn meets_another(lab: &Lab) -> bool {
    lab.person_asked_at_once.fetch_add(1, Ordering::SeqCst);
    thread::sleep(MEETING);
    lab.person_asked_at_once.fetch_sub(1, Ordering::SeqCst) > 1
}

fn insert(lab: &Lab, name: &str, wanted: Option<&Value>) -> i64 {
    let mut persons = lab.persons();
    persons.last_id += 1;
    let id = match lab.switch {
        Some("person's ids come from names") => {
            name.bytes().fold(7, |id, byte| (id * 31 + i64::from(byte)) % 1_000_003)
        }
        Some("person takes the id from the body") => {
            wanted.and_then(Value::as_i64).unwrap_or(persons.last_id)
        }
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

fn read(lab: &Lab, id: i64) -> Reply {
    match lab.persons().by_id.get(&id) {
        Some(name) => Reply::json(200, &person(id, name)),
        None if lab.makes("person says 200 to nobody") => Reply::json(200, &Value::Null),
        None => Reply::error(404, "no such person"),
    }
}

fn delete(lab: &Lab, id: i64) -> Reply {
    let mut persons: std::sync::MutexGuard<'_, Persons> = lab.persons();
    let is_there = persons.by_id.contains_key(&id);
    if !lab.makes("person deletes nothing") {
        persons.by_id.remove(&id);
    }
    match is_there {
        true if lab.makes("person says 202 to a deletion") => Reply::error(202, "perhaps"),
        false if !lab.makes("person says 204 to deleting nobody") => Reply::error(404, "no such person"),
        _ => Reply::empty(204),
    }
}
