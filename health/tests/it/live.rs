//! The events at `/live/events`: the hop to person.

use serde_json::{Value, json};
use testkit::{FakePerson, Response, Watcher};

use crate::harness::{ada_at, dir, path, record};

#[test]
fn lookup_and_its_outcome_are_events() {
    let person = FakePerson::start();
    let dir = dir(&person).with("LIVE", "on");
    let mut service = dir.serve();
    let ada = ada_at(&mut service);
    let mut watcher = Watcher::of(ada.address());
    assert!(watcher.text().contains(r#"{"service":"health","store":""#), "{}", watcher.text());
    let id = 4_711_471_147;
    let outcome = |watcher: &mut Watcher| -> (Value, Value) {
        let begun = watcher.next("step");
        assert_eq!((&begun["to"], &begun["what"]), (&json!("person"), &json!("GET /persons/{id}")));
        assert_eq!((&begun["ms"], &begun["outcome"]), (&Value::Null, &Value::Null));
        let ended = watcher.next("stepped");
        assert!(ended["ms"].is_f64(), "{ended}");
        (ended["outcome"].clone(), watcher.next("end")["status"].clone())
    };
    let _ = ada.post(&path(id), &record()).expect(201);
    assert_eq!(outcome(&mut watcher), (json!("200"), json!(201)));
    for (response, expected) in [
        (Response::Answer(404, "{}".to_owned()), (json!("404"), json!(404))),
        (Response::status(500), (json!("500"), json!(502))),
        (Response::Close, (json!("unreachable"), json!(503))),
        (Response::Hang, (json!("timeout"), json!(504))),
    ] {
        person.says(response);
        ada.get(&path(id));
        assert_eq!(outcome(&mut watcher), expected);
    }
    let events = watcher.text();
    assert!(events.contains("GET /persons/{id} 404"), "{events}");
    assert!(!events.contains(&id.to_string()), "{events}");
}
