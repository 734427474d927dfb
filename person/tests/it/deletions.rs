//! The feed of deletions, which the health service follows.

use serde_json::json;

use crate::lab::{Lab, numbers, pages};

#[test]
fn deletions_are_told_in_the_order_they_happened() {
    let mut lab = Lab::new();
    assert_eq!(lab.health().get("/persons/deleted").expect(200).json(), json!([]));
    let ids: Vec<i64> = (0..4).map(|_| lab.create("Ada")).collect();
    let order = [ids[2], ids[0], ids[3]];
    for id in order {
        let _ = lab.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    let feed = lab.health().get("/persons/deleted").expect(200);
    assert_eq!(
        feed.json(),
        json!([
            {"seq": 1, "id": order[0]}, {"seq": 2, "id": order[1]}, {"seq": 3, "id": order[2]},
        ])
    );
    assert_eq!(
        feed.text().find("seq"),
        Some(3),
        "the members stand as the contract shows them: {}",
        feed.text()
    );
    lab.restart();
    assert_eq!(lab.health().get("/persons/deleted").text(), feed.text());
    let _ = lab.ada().delete(&format!("/persons/{}", ids[1])).expect(204);
    assert_eq!(lab.health().get("/persons/deleted?after=3").json(), json!([{"seq": 4, "id": ids[1]}]));
}

#[test]
fn the_feed_is_paged_with_links_to_the_end() {
    let lab = Lab::new();
    let mut ids: Vec<i64> = (0..5).map(|_| lab.create("Ada")).collect();
    ids.reverse();
    for id in &ids {
        let _ = lab.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    for (path, sizes) in [
        ("/persons/deleted?limit=2", &[2, 2, 1][..]),
        ("/persons/deleted?limit=5", &[5]),
        ("/persons/deleted", &[5]),
    ] {
        let pages = pages(&lab.health(), path);
        assert_eq!(pages.iter().map(|page| numbers(page, "seq").len()).collect::<Vec<_>>(), sizes, "{path}");
        assert_eq!(pages.iter().flat_map(|page| numbers(page, "id")).collect::<Vec<_>>(), ids, "{path}");
        assert_eq!(pages.iter().flat_map(|page| numbers(page, "seq")).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }
    let first = lab.health().get("/persons/deleted?limit=2");
    assert_eq!(first.header("link"), Some("</persons/deleted?limit=2&after=2>; rel=\"next\""));
    assert_eq!(lab.health().get("/persons/deleted?after=5").json(), json!([]));
}

#[test]
fn a_deletion_that_did_not_happen_is_not_told() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let _ = lab.ada().delete("/persons/4711").expect(404);
    let _ = lab.user("bob").delete(&path).expect(403);
    let _ = lab.ada().call("DELETE", &path).header("If-Match", "\"0\"").send().expect(412);
    assert_eq!(lab.health().get("/persons/deleted").json(), json!([]));
}

#[test]
fn of_many_who_delete_the_same_person_one_does_and_one_deletion_is_told() {
    let lab = Lab::new();
    let path = format!("/persons/{}", lab.create("Ada"));
    let (ada, path) = (lab.ada(), &path[..]);
    let deleted: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| ada.delete(path).status)).collect();
        tries.into_iter().map(|one| usize::from(one.join().expect("no panic") == 204)).sum()
    });
    assert_eq!(deleted, 1);
    assert_eq!(numbers(&lab.health().get("/persons/deleted"), "id"), [1]);
}
