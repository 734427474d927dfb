//! The health service by itself.

use serde_json::{Map, Value, json};

use super::lab::{BODIES, HEALTH_ROUTES, HEALTH_STORE};
use crate::check::{Area::Health, Check, Level::Expected, Level::Required, Level::Robust, check};
use crate::http::Exchange;
use crate::outcome::{Stop, skip};
use crate::shape::{health_path, holds};
use crate::subject::Subject;
use crate::subject::request::at_once;
use crate::text::text;

/// About as many students share a class.
const AT_ONCE: usize = 8;

pub(super) const ROUTES: &[Check] = &[
    check("health-create", Health, Required, &HEALTH_ROUTES, |s| s.post_record(s.record())?.must_be_ok()),
    check("health-read", Health, Required, &HEALTH_ROUTES, |s| {
        let id = s.new_record()?;
        must_hold(s, &id, &s.record())
    }),
    check("health-replace", Health, Required, &HEALTH_ROUTES, |s| {
        let id = s.new_record()?;
        let changed = s.record_weighing(71.25);
        s.health("PUT", &health_path(&id))?.json(changed.clone()).send().must_be_ok()?;
        must_hold(s, &id, &changed)
    }),
    check("health-delete", Health, Required, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.new_record()?);
        s.health("DELETE", &path)?.send().must_be_ok()?;
        let read = s.health("GET", &path)?.send();
        let is_gone = !read.json().is_some_and(|body| holds(&body, &s.record()));
        read.must(is_gone, "no record any more", "plus de fiche")
    }),
    check("health-apart", Health, Required, &HEALTH_ROUTES, |s| {
        let (first, second) = (s.new_record()?, s.someone()?);
        let other = s.record_weighing(99.5);
        s.health("POST", &health_path(&second))?.json(other.clone()).send().must_be_ok()?;
        must_hold(s, &first, &s.record())?;
        must_hold(s, &second, &other)
    }),
    check("health-no-record", Health, Expected, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.someone()?);
        s.health("GET", &path)?.send().must_be(&[404])
    }),
    check("health-conflict", Health, Robust, &HEALTH_ROUTES, |s| {
        let id = s.new_record()?;
        s.health("POST", &health_path(&id))?.json(s.record_weighing(99.5)).send().must_be(&[409])?;
        must_hold(s, &id, &s.record())
    }),
    check("health-put-missing", Health, Expected, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.someone()?);
        s.health("PUT", &path)?.json(s.record()).send().must_be(&[404, 201])
    }),
    check("health-delete-missing", Health, Expected, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.someone()?);
        s.health("DELETE", &path)?.send().must_be(&[404])
    }),
    check("health-patch", Health, Robust, &HEALTH_ROUTES, |s| {
        let id = s.new_record()?;
        let exchange = s.health("PATCH", &health_path(&id))?.json(s.only_weight(71.25)).send();
        skip_without_patch(&exchange)?;
        exchange.must_be_ok()?;
        must_hold(s, &id, &s.record_weighing(71.25))
    }),
];

pub(super) const HTTP: &[Check] = &[
    check("health-redirect", Health, Expected, &HEALTH_ROUTES, |s| match s.redirect_of("/health") {
        Some(exchange) => exchange.clone().must(false, "no redirect", "pas de redirection"),
        None => Ok(()),
    }),
    check("health-created", Health, Expected, &HEALTH_ROUTES, |s| s.post_record(s.record())?.must_be(&[201])),
    check("health-location", Health, Expected, &HEALTH_ROUTES, |s| {
        let exchange = s.post_record(s.record())?;
        exchange.must_be_ok()?;
        let is_right = exchange
            .header("location")
            .is_some_and(|path| path.trim_end_matches('/').ends_with(exchange.path().trim_end_matches('/')));
        exchange.must(is_right, "Location with its path", "Location avec son chemin")
    }),
    check("health-json", Health, Expected, &BODIES, |s| {
        let path = health_path(&s.new_record()?);
        s.health("GET", &path)?.send().must_be_json()
    }),
    check("health-error-json", Health, Expected, &BODIES, |s| {
        let exchange = s.health("GET", &health_path(s.unused_id()))?.send();
        exchange.must_be(&[400, 404])?;
        exchange.must_be_a_json_error()
    }),
    check("health-id-letters", Health, Expected, &HEALTH_ROUTES, |s| {
        s.health("GET", "/health/abc")?.send().must_be(&[400, 404, 422])
    }),
    check("health-method", Health, Expected, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.someone()?);
        s.health("COPY", &path)?.send().must_be(&[405, 501])
    }),
    check("health-etag", Health, Robust, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.new_record()?);
        let before = s.health("GET", &path)?.send();
        s.health("PUT", &path)?.json(s.record_weighing(71.25)).send().must_be_ok()?;
        let after = s.health("GET", &path)?.send();
        let [one, two] = [before.header("etag"), after.header("etag")];
        after.must(one.is_some() && two.is_some() && one != two, "a new ETag", "un nouvel ETag")
    }),
    check("health-if-match", Health, Robust, &HEALTH_ROUTES, |s| {
        let path = health_path(&s.new_record()?);
        let put = s.health("PUT", &path)?.header("If-Match", "\"conformance-has-no-such-etag\"");
        put.json(s.record_weighing(71.25)).send().must_be(&[412])
    }),
];

pub(super) const INVALID_BODIES: &[Check] = &[
    check("health-broken-json", Health, Expected, &BODIES, |s| {
        post(s, JSON, "{\"weight\": ")?.must_be_refused()
    }),
    check("health-not-an-object", Health, Expected, &BODIES, |s| post(s, JSON, "[1, 2]")?.must_be_refused()),
    check("health-media-type", Health, Expected, &BODIES, |s| {
        post(s, "text/plain", &Value::from(s.record()).to_string())?.must_be(&[415, 400, 422])
    }),
    check("health-large-body", Health, Robust, &HEALTH_STORE, |s| {
        let mut record = s.record();
        record.insert("padding".to_owned(), "a".repeat(1_000_000).into());
        s.post_record(record)?.must_be_too_large()
    }),
    check("health-no-trace", Health, Robust, &BODIES, |s| {
        for body in ["{", "[1, 2]", "{}"] {
            post(s, JSON, body)?.must_not_leak()?;
        }
        s.health("GET", "/health/abc")?.send().must_not_leak()
    }),
];

pub(super) const VALUES: &[Check] = &[
    check("health-weight-text", Health, Expected, &HEALTH_ROUTES, |s| refuses_weight(s, "heavy")),
    check("health-weight-null", Health, Robust, &HEALTH_ROUTES, |s| refuses_weight(s, Value::Null)),
    check("health-weight-negative", Health, Robust, &HEALTH_ROUTES, |s| refuses_weight(s, -5)),
    check("health-weight-absurd", Health, Robust, &HEALTH_ROUTES, |s| refuses_weight(s, 70_000)),
    check("health-empty", Health, Robust, &HEALTH_ROUTES, |s| s.post_record(Map::new())?.must_be_refused()),
    check("health-unknown-field", Health, Robust, &HEALTH_ROUTES, |s| {
        let mut record = s.record();
        record.insert("conformance_unknown".to_owned(), json!("kept"));
        let path = s.post_record(record)?.path();
        let read = s.health("GET", &path)?.send();
        read.must(!read.text().contains("conformance_unknown"), "no such field", "pas ce champ")
    }),
];

pub(super) const STORE: &[Check] = &[
    check("health-delete-one", Health, Required, &HEALTH_STORE, |s| {
        let (kept, deleted) = (s.new_record()?, s.new_record()?);
        s.health("DELETE", &health_path(&deleted))?.send().must_be_ok()?;
        must_hold(s, &kept, &s.record())
    }),
    check("health-at-once", Health, Robust, &HEALTH_STORE, |s| {
        // A service that is down by now would fail for another reason.
        s.new_record()?;
        let was_there = s.has_untouched_record();
        let ids = (0..AT_ONCE).map(|_| s.someone()).collect::<Result<Vec<_>, _>>()?;
        let post = |id: &String| Ok(s.health("POST", &health_path(id))?.json(s.record()).send());
        let exchanges = at_once(&ids, post)?;
        if was_there {
            s.must_not_be_broken()?;
        }
        exchanges.iter().try_for_each(Exchange::must_be_ok)?;
        ids.iter().try_for_each(|id| must_hold(s, id, &s.record()))
    }),
    check("health-restart", Health, Required, &HEALTH_STORE, |s| {
        let path = health_path(&s.new_record()?);
        let before = s.health("GET", &path)?.send();
        s.restart()?;
        let after = s.health("GET", &path)?.send();
        let is_there = after.status() == Some(200) && after.json() == before.json();
        after.must(is_there, "the record of before the restart", "la fiche d'avant le redémarrage")
    }),
    check("health-data-kept", Health, Required, &HEALTH_STORE, |s| s.compare_with_copy()),
];

const JSON: &str = "application/json";

/// Sends any body for the record of a new person.
fn post(s: &mut Subject, kind: &str, body: &str) -> Result<Exchange, Stop> {
    let path = health_path(&s.someone()?);
    Ok(s.health("POST", &path)?.body(kind, body).send())
}

fn refuses_weight(s: &mut Subject, weight: impl Into<Value>) -> Result<(), Stop> {
    s.post_record(s.record_weighing(weight))?.must_be_refused()
}

/// Fails unless health stores this record for this person.
pub(super) fn must_hold(s: &Subject, id: &str, record: &Map<String, Value>) -> Result<(), Stop> {
    let read = s.health("GET", &health_path(id))?.send();
    read.must_be(&[200])?;
    let is_there = read.json().is_some_and(|body| holds(&body, record));
    let record = Value::from(record.clone()).to_string();
    read.must(is_there, &record, &record)
}

/// Skips the check if the response to a PATCH says that the version does not support it.
pub(super) fn skip_without_patch(exchange: &Exchange) -> Result<(), Stop> {
    if matches!(exchange.status(), Some(404 | 405 | 501)) {
        return skip(text("this version has no PATCH", "cette version n'a pas de PATCH"));
    }
    Ok(())
}
