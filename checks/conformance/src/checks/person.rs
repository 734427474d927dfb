//! The person service.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::lab::{BODIES, PERSON_EXISTS, PERSON_ID, PERSON_ROUTES, PERSON_STORE};
use crate::check::{Area::Person, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::outcome::{Stop, ensure};
use crate::shape::{ADA, holds, id_in, object, person_path};
use crate::subject::Subject;
use crate::subject::made::created_id;
use crate::subject::request::at_once;
use crate::text::formatted;

/// About as many students share a class.
const AT_ONCE: usize = 8;
const SECOND: &str = "Conformance Second";

pub(super) const ROUTES: &[Check] = &[
    check("person-create", Person, Required, &PERSON_ROUTES, |s| {
        let exchange = s.post_person(&s.person_body(ADA))?;
        exchange.must_be_ok()?;
        exchange.must(created_id(&exchange).is_some(), "a body with the id", "un corps contenant l'id")
    }),
    check("person-read", Person, Required, &PERSON_ROUTES, |s| keeps_name(s, ADA)),
    check("person-missing", Person, Required, &PERSON_EXISTS, |s| {
        s.person("GET", &person_path(s.unused_id()))?.send().must_be(&[404])
    }),
    check("person-delete", Person, Required, &PERSON_ROUTES, |s| {
        let path = person_path(&s.new_person()?);
        s.person("DELETE", &path)?.send().must_be_ok()?;
        s.person("GET", &path)?.send().must_be(&[404])
    }),
    check("person-delete-missing", Person, Required, &PERSON_EXISTS, |s| {
        s.person("DELETE", &person_path(s.unused_id()))?.send().must_be(&[404])
    }),
    check("person-name-unicode", Person, Required, &PERSON_ID, |s| keeps_name(s, "Zoë Ñúñez 李小龍 🙂")),
    check("person-name-quotes", Person, Required, &PERSON_STORE, |s| {
        keeps_name(s, "Robert'); DROP TABLE person;-- \"O'Brien\"")
    }),
];

pub(super) const IDS: &[Check] = &[
    check("person-id-integer", Person, Required, &PERSON_ID, |s| {
        let (exchange, _) = create(s, ADA)?;
        let is_integer = exchange.json().as_ref().and_then(id_in).is_some_and(Value::is_u64);
        exchange.must(is_integer, "an id that is an integer", "un id entier")
    }),
    check("person-ids-differ", Person, Required, &PERSON_ID, |s| {
        let (one, two) = (create(s, ADA)?.1, create(s, ADA)?.1);
        ensure(
            one != two,
            formatted(format!("both got the id {one}"), format!("les deux ont reçu l'id {one}")),
        )
    }),
    check("person-id-unique", Person, Required, &PERSON_EXISTS, |s| {
        let (first, second) = (create(s, ADA)?.1, create(s, SECOND)?.1);
        s.person("DELETE", &person_path(&first))?.send().must_be_ok()?;
        let (exchange, third) = create(s, ADA)?;
        exchange.must(
            third != second,
            &format!("another id than {second}, which is another person's"),
            &format!("un autre id que {second}, celui d'une autre personne"),
        )?;
        s.person("GET", &person_path(&second))?.send().must_be(&[200])
    }),
    check("person-id-generated", Person, Expected, &PERSON_ID, |s| {
        const CHOSEN: &str = "1999999957";
        let mut body = s.person_body(ADA);
        body["id"] = json!(1_999_999_957);
        let exchange = s.post_person(&body)?;
        exchange.must(exchange.status().is_some_and(|status| status < 500), "no failure", "pas de panne")?;
        let is_taken = created_id(&exchange).is_some_and(|id| id == CHOSEN);
        exchange.must(!is_taken, "an id chosen by the service", "un id choisi par le service")
    }),
    check("person-id-not-reused", Person, Robust, &PERSON_ID, |s| {
        let first = s.new_person()?;
        s.person("DELETE", &person_path(&first))?.send().must_be_ok()?;
        let (_, second) = create(s, ADA)?;
        ensure(
            first != second,
            formatted(format!("{first} was used again"), format!("{first} a été redonné")),
        )
    }),
    check("person-at-once", Person, Robust, &PERSON_STORE, |s| {
        let bodies: Vec<_> = (0..AT_ONCE).map(|_| s.person_body(ADA)).collect();
        let exchanges = at_once(&bodies, |body| Ok(s.person("POST", "/persons")?.json(body.clone()).send()))?;
        let ids: BTreeSet<_> = exchanges.iter().filter_map(|exchange| s.track_person(exchange)).collect();
        exchanges.iter().try_for_each(Exchange::must_be_ok)?;
        ensure(
            ids.len() == AT_ONCE,
            formatted(
                format!("{AT_ONCE} concurrent requests created persons with {} ids", ids.len()),
                format!("{AT_ONCE} personnes créées en même temps ont reçu {} id", ids.len()),
            ),
        )
    }),
];

pub(super) const HTTP: &[Check] = &[
    check("person-restart", Person, Required, &PERSON_STORE, |s| {
        let path = person_path(&create(s, ADA)?.1);
        let before = s.person("GET", &path)?.send();
        s.restart()?;
        let after = s.person("GET", &path)?.send();
        let is_there = after.status() == Some(200) && after.json() == before.json();
        after.must(is_there, "the person of before the restart", "la personne d'avant le redémarrage")
    }),
    check("person-redirect", Person, Expected, &PERSON_ROUTES, |s| match s.redirect_of("/persons") {
        Some(exchange) => exchange.clone().must(false, "no redirect", "pas de redirection"),
        None => Ok(()),
    }),
    check("person-created", Person, Expected, &PERSON_ROUTES, |s| {
        s.post_person(&s.person_body(ADA))?.must_be(&[201])
    }),
    check("person-location", Person, Expected, &PERSON_ROUTES, |s| {
        let exchange = s.post_person(&s.person_body(ADA))?;
        exchange.must_be_ok()?;
        let Some(location) = exchange.header("location") else {
            return exchange.wrong("no Location in the response", "pas de Location dans la réponse");
        };
        // A server may send the whole URL.
        let path = location.find("/persons").map_or(location, |start| &location[start..]);
        s.person("GET", path)?.send().must_be(&[200])
    }),
    check("person-json", Person, Expected, &BODIES, |s| {
        let path = person_path(&s.new_person()?);
        let exchange = s.person("GET", &path)?.send();
        exchange.must_be(&[200])?;
        exchange.must_be_json()
    }),
    check("person-error-json", Person, Expected, &BODIES, |s| {
        let exchange = s.person("GET", &person_path(s.unused_id()))?.send();
        exchange.must_be(&[404])?;
        exchange.must_be_a_json_error()
    }),
    check("person-id-letters", Person, Expected, &PERSON_EXISTS, |s| {
        s.person("GET", "/persons/abc")?.send().must_be(&[400, 404, 422])
    }),
    check("person-id-huge", Person, Robust, &PERSON_EXISTS, |s| {
        s.person("GET", "/persons/999999999999999999999999999999")?.send().must_be(&[400, 404, 414, 422])
    }),
    check("person-no-such-path", Person, Expected, &PERSON_ROUTES, |s| {
        s.person("GET", "/no-such-path")?.send().must_be(&[404])
    }),
    check("person-method", Person, Expected, &PERSON_ROUTES, |s| {
        s.person("PUT", "/persons")?.json(s.person_body(ADA)).send().must_be(&[405])
    }),
    check("person-allow", Person, Expected, &PERSON_ROUTES, |s| {
        let exchange = s.person("PUT", "/persons")?.json(s.person_body(ADA)).send();
        let lists_post = exchange.header("allow").is_some_and(|allow| allow.contains("POST"));
        exchange.must(lists_post, "Allow with POST", "Allow, avec POST")
    }),
    check("person-head", Person, Expected, &PERSON_ROUTES, |s| {
        let path = person_path(&s.new_person()?);
        s.person("HEAD", &path)?.send().must_be(&[200])?;
        s.person("HEAD", &person_path(s.unused_id()))?.send().must_be(&[404])
    }),
    check("person-delete-status", Person, Expected, &PERSON_ROUTES, |s| {
        let path = person_path(&s.new_person()?);
        s.person("DELETE", &path)?.send().must_be(&[204, 200])
    }),
];

pub(super) const INVALID_BODIES: &[Check] = &[
    check("person-broken-json", Person, Expected, &BODIES, |s| {
        post(s, JSON, "{\"name\": ")?.must_be_refused()
    }),
    check("person-not-an-object", Person, Expected, &BODIES, |s| post(s, JSON, "[1, 2]")?.must_be_refused()),
    check("person-name-missing", Person, Expected, &PERSON_ID, |s| post(s, JSON, "{}")?.must_be_refused()),
    check("person-name-number", Person, Expected, &PERSON_ID, |s| {
        s.post_person(&s.person_body(42))?.must_be_refused()
    }),
    check("person-name-empty", Person, Robust, &PERSON_ID, |s| {
        s.post_person(&s.person_body("   "))?.must_be_refused()
    }),
    check("person-name-long", Person, Robust, &PERSON_ID, |s| {
        s.post_person(&s.person_body("a".repeat(20_000)))?.must_be(&[400, 413, 422])
    }),
    check("person-large-body", Person, Robust, &BODIES, |s| {
        let mut body = s.person_body(ADA);
        body["padding"] = json!("a".repeat(1_000_000));
        s.post_person(&body)?.must_be_too_large()
    }),
    check("person-media-type", Person, Expected, &BODIES, |s| {
        post(s, "text/plain", &s.person_body(ADA).to_string())?.must_be(&[415, 400, 422])
    }),
    check("person-no-trace", Person, Robust, &BODIES, |s| {
        for body in ["{", "[1, 2]", "{}"] {
            post(s, JSON, body)?.must_not_leak()?;
        }
        s.person("GET", "/persons/abc")?.send().must_not_leak()
    }),
];

const JSON: &str = "application/json";

/// Sends any body for a new person; a person whom it creates is deleted at the end.
fn post(s: &mut Subject, kind: &str, body: &str) -> Result<Exchange, Stop> {
    let exchange = s.person("POST", "/persons")?.body(kind, body).send();
    s.track_person(&exchange);
    Ok(exchange)
}

/// Creates a person of this name, and returns the response and the id.
fn create(s: &mut Subject, name: &str) -> Result<(Exchange, String), Stop> {
    let exchange = s.post_person(&s.person_body(name))?;
    exchange.must_be_ok()?;
    match created_id(&exchange) {
        Some(id) => Ok((exchange, id)),
        None => exchange.wrong(
            "the response has no id: see `person-create`",
            "la réponse n'a pas d'id : voir `person-create`",
        ),
    }
}

/// Fails unless a person of this name can be created and read.
fn keeps_name(s: &mut Subject, name: &str) -> Result<(), Stop> {
    let (_, id) = create(s, name)?;
    let read = s.person("GET", &person_path(&id))?.send();
    read.must_be(&[200])?;
    let sent = object(&[(s.name_field(), json!(name))]);
    let is_kept = read.json().is_some_and(|body| holds(&body, &sent));
    read.must(is_kept, &format!("the name {name:?}"), &format!("le nom {name:?}"))
}
