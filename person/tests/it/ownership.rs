//! Who may see and change whom.

use serde_json::json;

use crate::lab::{Lab, create, numbers, pages};

#[test]
fn a_person_belongs_to_whoever_made_it() {
    let lab = Lab::new();
    let person = lab.user("bob").post("/persons", &json!({"name": "Ada"})).expect(201).json();
    assert_eq!(person["owner"], "bob");
    let person = lab.admin().post("/persons", &json!({"name": "Ada"})).expect(201).json();
    assert_eq!(person["owner"], "root");
}

#[test]
fn anybody_else_gets_403_and_changes_nothing() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let bob = lab.user("bob");
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
    assert_eq!(lab.ada().get(&path).json()["name"], "Ada");
}

#[test]
fn an_administrator_sees_and_changes_everybody_and_takes_nobody_over() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    assert_eq!(lab.admin().get(&path).expect(200).json()["owner"], "ada");
    let renamed = lab.admin().put(&path, &json!({"name": "Countess"})).expect(200).json();
    assert_eq!((&renamed["name"], &renamed["owner"]), (&json!("Countess"), &json!("ada")));
    assert_eq!(lab.ada().get(&path).json()["name"], "Countess");
    let _ = lab.admin().delete(&path).expect(204);
}

#[test]
fn a_list_holds_one_s_own_and_for_administrators_all() {
    let lab = Lab::new();
    let (ada, bob) = (lab.ada(), lab.user("bob"));
    let (mut hers, mut his) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        hers.push(create(&ada, "of Ada"));
        his.push(create(&bob, "of Bob"));
    }
    let all: Vec<i64> = hers.iter().zip(&his).flat_map(|(a, b)| [*a, *b]).collect();
    for (client, expected) in [(ada, hers), (bob, his), (lab.admin(), all), (lab.user("eve"), vec![])] {
        for path in ["/persons?limit=2", "/persons?limit=5", "/persons"] {
            let pages = pages(&client, path);
            let ids: Vec<i64> = pages.iter().flat_map(|page| numbers(page, "id")).collect();
            assert_eq!(ids, expected, "{path}");
            // The last page has something on it: a link never leads to an empty one.
            assert!(pages.len() == 1 || !numbers(&pages[pages.len() - 1], "id").is_empty());
        }
    }
}

#[test]
fn a_username_is_compared_as_it_is() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    for name in ["Ada", "ada ", "ad", "adaa", "%", "a_a"] {
        let _ = lab.user(name).get(&path).expect(403);
        assert_eq!(lab.user(name).get("/persons").json(), json!([]), "{name}");
    }
}
