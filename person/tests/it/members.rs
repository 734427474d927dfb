//! The members of a body, as many as the document lists: each is stored and returned, whatever way a person goes.

use serde_json::Value;

use crate::service::{PersonService, body, create};

/// Checks that an answer is the person of this body.
#[track_caller]
fn assert_holds(answer: &Value, body: &Value) {
    for (member, value) in body.as_object().expect("an object") {
        assert_eq!(&answer[member], value, "`{member}` in {answer}");
    }
}

#[test]
fn example_of_the_document_has_every_member_of_a_body() {
    let document = PersonService::start().anonymous().get("/openapi.json").expect(200).json();
    let members =
        |value: &Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    let new = &document["components"]["schemas"]["NewPerson"];
    assert_eq!(members(&body("Ada")), members(&new["properties"]), "the tests send the example");
}

#[test]
fn every_member_of_a_body_is_kept() {
    let mut service = PersonService::start();
    let body = body("Ada");
    let created = service.ada().post("/persons", &body).expect(201).json();
    assert_holds(&created, &body);
    let bare = format!("/persons/{}", create(&service.ada(), "Eve"));
    assert_holds(&service.ada().put(&bare, &body).expect(200).json(), &body);
    for _ in 0..2 {
        for path in [&format!("/persons/{}", created["id"]), &bare] {
            assert_holds(&service.ada().get(path).expect(200).json(), &body);
        }
        for client in [service.ada(), service.admin()] {
            let list = client.get("/persons").expect(200).json();
            let list = list.as_array().expect("an array");
            assert_eq!(list.len(), 2);
            list.iter().for_each(|item| assert_holds(item, &body));
        }
        service.restart();
    }
}
