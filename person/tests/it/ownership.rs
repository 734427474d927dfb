//! The rights of owners, of other users and of administrators.

use serde_json::json;

use crate::service::{PersonService, create, numbers, pages};

#[test]
fn person_belongs_to_its_creator() {
    let service = PersonService::start();
    for (client, owner) in [(service.user("bob"), "bob"), (service.admin(), "root")] {
        assert_eq!(client.post("/persons", &json!({"name": "Ada"})).expect(201).json()["owner"], owner);
    }
}

#[test]
fn another_user_gets_403_and_changes_nothing() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let bob = service.user("bob");
    for answer in [
        bob.get(&path),
        bob.put(&path, &json!({"name": "Eve"})),
        bob.delete(&path),
        bob.call("GET", &path).header("If-None-Match", "*").send(),
        bob.call("DELETE", &path).header("If-Match", "*").send(),
    ] {
        let challenge = "Bearer realm=\"mini-projet\", error=\"insufficient_scope\"";
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
        assert!(!answer.text().contains("Ada") && answer.header("etag").is_none());
        answer.expect_problem(403, "insufficient-scope");
    }
    assert_eq!(service.ada().get(&path).json()["name"], "Ada");
}

#[test]
fn admin_changes_every_person_and_owns_none() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    assert_eq!(service.admin().get(&path).expect(200).json()["owner"], "ada");
    let renamed = service.admin().put(&path, &json!({"name": "Countess"})).expect(200).json();
    assert_eq!((&renamed["name"], &renamed["owner"]), (&json!("Countess"), &json!("ada")));
    assert_eq!(service.ada().get(&path).json()["name"], "Countess");
    let _ = service.admin().delete(&path).expect(204);
}

#[test]
fn list_has_the_callers_persons_or_all_for_an_admin() {
    let service = PersonService::start();
    let (ada, bob) = (service.ada(), service.user("bob"));
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        hers.push(create(&ada, "of Ada"));
        his.push(create(&bob, "of Bob"));
    }
    let all: Vec<i64> = hers.iter().zip(&his).flat_map(|(a, b)| [*a, *b]).collect();
    for (client, expected) in [(ada, hers), (bob, his), (service.admin(), all), (service.user("eve"), vec![])]
    {
        for path in ["/persons?limit=2", "/persons?limit=5", "/persons"] {
            let pages = pages(&client, path);
            let ids: Vec<i64> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
            assert_eq!(ids, expected, "{path}");
            // A link never leads to an empty page.
            assert!(pages.len() == 1 || !numbers(&pages[pages.len() - 1], "id").is_empty());
        }
    }
}

#[test]
fn usernames_are_compared_byte_by_byte() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    for name in ["Ada", "ada ", "ad", "adaa", "%", "a_a"] {
        let _ = service.user(name).get(&path).expect(403);
        assert_eq!(service.user(name).get("/persons").json(), json!([]), "{name}");
    }
}
