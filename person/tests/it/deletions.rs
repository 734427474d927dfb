//! The feed of deletions, which the health service follows.

use serde_json::json;

use crate::service::{PersonService, numbers, pages};

#[test]
fn feed_lists_deletions_in_their_order() {
    let mut service = PersonService::start();
    assert_eq!(service.health().get("/persons/deleted").expect(200).json(), json!([]));
    let ids: Vec<i64> = (0..4).map(|_| service.create("Ada")).collect();
    for id in [ids[2], ids[0], ids[3]] {
        let _ = service.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    let feed = service.health().get("/persons/deleted").expect(200).text();
    // The members in the order in which the contract shows them.
    let expected =
        format!(r#"[{{"seq":1,"id":{}}},{{"seq":2,"id":{}}},{{"seq":3,"id":{}}}]"#, ids[2], ids[0], ids[3]);
    assert_eq!(feed.trim_end(), expected);
    service.restart();
    assert_eq!(service.health().get("/persons/deleted").text(), feed);
    let _ = service.ada().delete(&format!("/persons/{}", ids[1])).expect(204);
    assert_eq!(service.health().get("/persons/deleted?after=3").json(), json!([{"seq": 4, "id": ids[1]}]));
}

#[test]
fn feed_is_paged_with_links() {
    let service = PersonService::start();
    let mut ids: Vec<i64> = (0..5).map(|_| service.create("Ada")).collect();
    ids.reverse();
    for id in &ids {
        let _ = service.ada().delete(&format!("/persons/{id}")).expect(204);
    }
    for (path, sizes) in [
        ("/persons/deleted?limit=2", &[2, 2, 1][..]),
        ("/persons/deleted?limit=5", &[5]),
        ("/persons/deleted", &[5]),
    ] {
        let pages = pages(&service.health(), path);
        assert_eq!(pages.iter().map(|page| numbers(page, "seq").len()).collect::<Vec<_>>(), sizes, "{path}");
        assert_eq!(pages.iter().flat_map(|page| numbers(page, "id")).collect::<Vec<_>>(), ids, "{path}");
        assert_eq!(pages.iter().flat_map(|page| numbers(page, "seq")).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    }
    let first = service.health().get("/persons/deleted?limit=2");
    assert_eq!(first.header("link"), Some("</persons/deleted?limit=2&after=2>; rel=\"next\""));
    assert_eq!(service.health().get("/persons/deleted?after=5").json(), json!([]));
}

#[test]
fn failed_deletion_is_not_in_the_feed() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let _ = service.ada().delete("/persons/4711").expect(404);
    let _ = service.user("bob").delete(&path).expect(403);
    let _ = service.ada().call("DELETE", &path).header("If-Match", "\"0\"").send().expect(412);
    assert_eq!(service.health().get("/persons/deleted").json(), json!([]));
}

#[test]
fn concurrent_deletions_of_a_person_are_one_deletion() {
    let service = PersonService::start();
    let path = format!("/persons/{}", service.create("Ada"));
    let (ada, path) = (service.ada(), &path[..]);
    let deleted: usize = std::thread::scope(|scope| {
        let requests: Vec<_> = (0..8).map(|_| scope.spawn(|| ada.delete(path).status)).collect();
        requests.into_iter().map(|request| usize::from(request.join().expect("no panic") == 204)).sum()
    });
    assert_eq!(deleted, 1);
    assert_eq!(numbers(&service.health().get("/persons/deleted"), "id"), [1]);
}
