//! The bodies of students' versions: which request bodies to try, and how to read the responses.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::fields::Fields;
use crate::jwt::claims;

/// The name of most persons that checks create. A real person of that name is unlikely: a version that returns an
/// existing person for a known name must not have that person deleted in the end.
pub(crate) const ADA: &str = "Conformance Ada";
/// A long password with a digit, a capital and a sign, for versions that require these.
pub(crate) const PASSWORD: &str = "Conformance, 1 long password";

/// The bodies that a version accepts.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// The body that creates a person.
    pub(crate) person: Map<String, Value>,
    /// Its field with the name.
    pub(crate) name: String,
    /// The body that creates a health record.
    pub(crate) record: Map<String, Value>,
    /// Its field with the weight, a number.
    pub(crate) weight: String,
    /// The fields for username and password.
    pub(crate) login: [String; 2],
}

/// Stands for another text in each body.
const UNIQUE: &str = "{unique}";

/// Field names in versions of the lab; the names of the lab's text come first.
const NAMES: [&str; 6] = ["name", "nom", "full_name", "prenom", "first_name", "username"];
const VITALS: [[&str; 4]; 4] = [
    ["weight", "height", "heart_rate", "blood_pressure"],
    ["poids", "taille", "frequence_cardiaque", "tension"],
    ["poids", "taille", "rythme_cardiaque", "pression_arterielle"],
    ["poids", "taille", "pouls", "tension_arterielle"],
];
const LOGINS: [[&str; 2]; 5] = [
    ["username", "password"],
    ["user", "password"],
    ["email", "password"],
    ["identifiant", "mot_de_passe"],
    ["nom_utilisateur", "mot_de_passe"],
];
const TOKENS: [&str; 6] = ["access_token", "token", "accessToken", "jwt", "jeton", "id_token"];
const IDS: [&str; 6] = ["id", "person_id", "personId", "id_person", "_id", "uuid"];

impl Shape {
    /// Returns the first guess.
    pub(crate) fn of(fields: &Fields) -> Self {
        let (name, person) = person_bodies(fields, None).swap_remove(0);
        let (weight, record) = record_bodies(fields).swap_remove(0);
        Self { person, name, record, weight, login: login_fields(fields).swap_remove(0) }
    }
}

/// Returns candidates for the body that creates a person, each with its name field; `seen` is an existing person.
pub(crate) fn person_bodies(fields: &Fields, seen: Option<&Value>) -> Vec<(String, Map<String, Value>)> {
    let ada = |name: &str| object(&[(name, json!(ADA))]);
    if let Some(person) = &fields.person {
        let texts = || person.iter().filter(|(_, value)| value.is_string()).map(|(name, _)| name.clone());
        let known = NAMES.iter().map(|name| (*name).to_owned()).find(|name| person.contains_key(name));
        let like = texts().find(|name| name.contains("name") || name.contains("nom"));
        let name = fields.name.clone().or(known).or(like).or_else(|| texts().next());
        return vec![(name.unwrap_or_else(|| "name".to_owned()), person.clone())];
    }
    if let Some(name) = &fields.name {
        return vec![(name.clone(), ada(name))];
    }
    let shown = seen.and_then(Value::as_object).into_iter().flatten();
    let shown = shown.filter(|(name, value)| value.is_string() && NAMES.contains(&name.as_str()));
    let mut bodies: Vec<_> = shown.map(|(name, _)| (name.clone(), ada(name))).collect();
    bodies.extend(NAMES.map(|name| (name.to_owned(), ada(name))));
    let email = format!("conformance-{UNIQUE}@example.org");
    for more in [
        json!({"email": email}),
        json!({"age": 36}),
        json!({"email": email, "age": 36}),
        json!({"prenom": "Ada"}),
        json!({"prenom": "Ada", "email": email}),
        json!({"last_name": "Ada"}),
        json!({"last_name": "Ada", "email": email}),
    ] {
        for name in ["name", "nom", "first_name"] {
            let mut body = ada(name);
            body.extend(more.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
            bodies.push((name.to_owned(), body));
        }
    }
    bodies
}

/// Returns candidates for the body that creates a health record, each with its weight field.
pub(crate) fn record_bodies(fields: &Fields) -> Vec<(String, Map<String, Value>)> {
    if let Some(record) = &fields.record {
        let number = record.iter().find(|(_, value)| value.is_number()).map(|(name, _)| name.clone());
        let weight = fields.weight.clone().or(number).unwrap_or_else(|| "weight".to_owned());
        return vec![(weight, record.clone())];
    }
    let given = [&fields.weight, &fields.height, &fields.heart_rate];
    let pressures = [Some(json!({"systolic": 120, "diastolic": 80})), Some(json!("120/80")), None];
    let mut bodies = Vec::new();
    for names in VITALS {
        let name = |field: usize| given[field].clone().unwrap_or_else(|| names[field].to_owned());
        for pressure in &pressures {
            let mut body =
                Map::from_iter([(name(0), json!(70.5)), (name(1), json!(175)), (name(2), json!(62))]);
            body.extend(pressure.clone().map(|pressure| (names[3].to_owned(), pressure)));
            bodies.push((name(0), body));
        }
    }
    bodies
}

/// Returns candidates for the fields for username and password.
pub(crate) fn login_fields(fields: &Fields) -> Vec<[String; 2]> {
    let or = |given: &Option<String>, guess: &str| given.clone().unwrap_or_else(|| guess.to_owned());
    let with =
        |[username, password]: [&str; 2]| [or(&fields.username, username), or(&fields.password, password)];
    LOGINS.map(with).to_vec()
}

/// Returns the token in the response to a login: one of its fields, or the whole body.
pub(crate) fn token_in(text: &str) -> Option<String> {
    let Ok(body) = serde_json::from_str::<Value>(text) else {
        return Some(text.trim().to_owned()).filter(|text| text.split('.').count() == 3);
    };
    let named = || find(&body, &TOKENS)?.as_str().map(|text| text.trim_start_matches("Bearer ").to_owned());
    jwt_in(&body).or_else(named).filter(|token| !token.is_empty())
}

/// Returns the first text that is a JWT, whatever its field is called.
fn jwt_in(body: &Value) -> Option<String> {
    let text =
        body.as_str().map(|text| text.trim_start_matches("Bearer ")).filter(|text| claims(text).is_some());
    text.map(str::to_owned).or_else(|| inner(body).find_map(jwt_in))
}

/// Returns the body with another text for each `{unique}`.
pub(crate) fn unique(body: &Map<String, Value>) -> Map<String, Value> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
    let replace = |value: &Value| match value.as_str().filter(|text| text.contains(UNIQUE)) {
        None => value.clone(),
        Some(text) => {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            json!(text.replace(UNIQUE, &format!("{now}{count}")))
        }
    };
    body.iter().map(|(name, value)| (name.clone(), replace(value))).collect()
}

/// Returns a path with `{id}` for its id.
pub(crate) fn template(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let mut parts = path.splitn(3, '/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(first), Some(_)) => format!("/{first}/{{id}}"),
        _ => path.to_owned(),
    }
}

/// Returns the id in the response to the creation of a person.
pub(crate) fn id_in(body: &Value) -> Option<&Value> {
    let id = find(body, &IDS).filter(|id| id.is_u64() || id.is_string());
    id.or_else(|| body.as_object()?.values().find(|value| value.is_u64()))
        .or(Some(body).filter(|b| b.is_u64()))
}

/// Formats an id for a path.
pub(crate) fn in_path(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Returns the first field with one of these names, outermost first.
fn find<'v>(body: &'v Value, names: &[&str]) -> Option<&'v Value> {
    let here = names.iter().find_map(|name| body.get(name)).filter(|value| !value.is_null());
    here.or_else(|| inner(body).find_map(|value| find(value, names)))
}

fn inner(body: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match body {
        Value::Object(fields) => Box::new(fields.values()),
        Value::Array(items) => Box::new(items.iter()),
        _ => Box::new(std::iter::empty()),
    }
}

/// Whether one object in the body has all of these fields, at any depth.
pub(crate) fn holds(body: &Value, fields: &Map<String, Value>) -> bool {
    let here = fields.iter().all(|(name, value)| body.get(name).is_some_and(|found| equal(found, value)));
    here || inner(body).any(|value| holds(value, fields))
}

/// Compares values; 70 and 70.0 are equal.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        (a, b) => a == b,
    }
}

pub(crate) fn object(fields: &[(&str, Value)]) -> Map<String, Value> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// Returns the path of a person.
pub(crate) fn person_path(id: &str) -> String {
    format!("/persons/{id}")
}

/// Returns the path of a person's record.
pub(crate) fn health_path(id: &str) -> String {
    format!("/health/{id}")
}
