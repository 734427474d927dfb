//! What bodies look like in the versions that students write: what to try to send, and how to read what comes.

use serde_json::{Map, Value, json};

use crate::fields::Fields;
use crate::subject::ADA;

/// The bodies that a version takes.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// What makes a person.
    pub(crate) person: Map<String, Value>,
    /// The field of it with the name.
    pub(crate) name: String,
    /// What makes a health record.
    pub(crate) record: Map<String, Value>,
    /// The field of it with the weight; a number.
    pub(crate) weight: String,
    /// The fields of username and password.
    pub(crate) login: [String; 2],
}

/// Field names as they were seen, those of the lab first.
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
const TOKENS: [&str; 5] = ["access_token", "token", "accessToken", "jwt", "jeton"];
const IDS: [&str; 6] = ["id", "person_id", "personId", "id_person", "_id", "uuid"];

impl Shape {
    /// What is sent where nothing better is known.
    pub(crate) fn of(fields: &Fields) -> Self {
        let (name, person) = person_bodies(fields, None).swap_remove(0);
        let (weight, record) = record_bodies(fields).swap_remove(0);
        Self { person, name, record, weight, login: login_fields(fields).swap_remove(0) }
    }
}

/// What may make a person, each with the field of the name; `seen` is one that the service showed.
pub(crate) fn person_bodies(fields: &Fields, seen: Option<&Value>) -> Vec<(String, Map<String, Value>)> {
    let ada = |name: &str| object(&[(name, json!(ADA))]);
    if let Some(person) = &fields.person {
        let text = person.iter().find(|(_, value)| value.is_string()).map(|(name, _)| name.clone());
        return vec![(fields.name.clone().or(text).unwrap_or_else(|| "name".to_owned()), person.clone())];
    }
    if let Some(name) = &fields.name {
        return vec![(name.clone(), ada(name))];
    }
    let shown = seen.and_then(Value::as_object).into_iter().flatten();
    let shown = shown.filter(|(name, value)| value.is_string() && NAMES.contains(&name.as_str()));
    let mut bodies: Vec<_> = shown.map(|(name, _)| (name.clone(), ada(name))).collect();
    bodies.extend(NAMES.map(|name| (name.to_owned(), ada(name))));
    for more in [json!({"age": 36}), json!({"prenom": "Ada"}), json!({"last_name": "Ada"})] {
        for name in ["name", "nom", "first_name"] {
            let mut body = ada(name);
            body.extend(more.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
            bodies.push((name.to_owned(), body));
        }
    }
    bodies
}

/// What may make a health record, each with the field of the weight.
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

/// The fields that may be those of username and password.
pub(crate) fn login_fields(fields: &Fields) -> Vec<[String; 2]> {
    let with = |[username, password]: [&str; 2]| {
        [
            fields.username.clone().unwrap_or_else(|| username.to_owned()),
            fields.password.clone().unwrap_or_else(|| password.to_owned()),
        ]
    };
    LOGINS.map(with).to_vec()
}

/// The token in the answer of a login: a field of it, or all of it.
pub(crate) fn token_in(text: &str) -> Option<String> {
    let Ok(body) = serde_json::from_str::<Value>(text) else {
        return Some(text.trim().to_owned()).filter(|text| text.split('.').count() == 3);
    };
    let token = body.as_str().filter(|text| text.split('.').count() == 3).map(str::to_owned);
    token.or_else(|| find(&body, &TOKENS)?.as_str().map(str::to_owned))
}

/// The id in the answer that made a person.
pub(crate) fn id_in(body: &Value) -> Option<&Value> {
    let id = find(body, &IDS).filter(|id| id.is_u64() || id.is_string());
    id.or_else(|| body.as_object()?.values().find(|value| value.is_u64()))
        .or(Some(body).filter(|b| b.is_u64()))
}

/// As it stands in a path.
pub(crate) fn in_path(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// The first field of one of these names, outermost first.
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

/// Whether all of these fields stand together somewhere in a body, however it wraps them.
pub(crate) fn holds(body: &Value, fields: &Map<String, Value>) -> bool {
    let here = fields.iter().all(|(name, value)| body.get(name).is_some_and(|found| equal(found, value)));
    here || inner(body).any(|value| holds(value, fields))
}

/// 70 and 70.0 are one number.
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
