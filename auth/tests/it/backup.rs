//! `auth backup` and `auth restore`: accounts in another folder. What holds for every database is tested in
//! `person`.

use testkit::tokens;

use crate::lab::{PASSWORD, log_in, place, register, token};

#[test]
fn who_could_log_in_can_after_a_restoration_and_is_what_they_were() {
    let place_of_copy = place();
    let mut service = place_of_copy.serve();
    let _ = register(&service.client(), "ada", PASSWORD).expect(201);
    let _ = register(&service.client(), "bob", PASSWORD).expect(201);
    assert_eq!(place_of_copy.run(&["grant", "ada", "admin"], &[]).code, Some(0));
    let copy = place_of_copy.backup();
    let _ = register(&service.client(), "eve", PASSWORD).expect(201);

    let place = place();
    let ended = place.restore(copy);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let mut service = place.serve();
    for (username, role) in [("ada", "admin"), ("bob", "user")] {
        let token = token(&log_in(&service.client(), username, PASSWORD));
        assert_eq!(tokens::read(&token).1["role"], role);
        let _ = log_in(&service.client(), username, "another password").expect(401);
    }
    let _ = log_in(&service.client(), "eve", PASSWORD).expect(401);
    let _ = register(&service.client(), "ada", PASSWORD).expect(409);
}

#[test]
fn a_copy_whose_end_is_missing_is_refused() {
    let place = place();
    let mut service = place.serve();
    let _ = register(&service.client(), "ada", PASSWORD).expect(201);
    let copy = place.backup();
    drop(service);
    let before = place.files();
    // There is no index that could tell that a hash has zeros at its end.
    for missing in [1, 2, 10, 100] {
        let ended = place.restore(&copy[..copy.len() - missing]);
        assert_eq!(ended.code, Some(1), "{missing}");
        assert!(ended.err.contains("the copy cannot be used: it was cut short"), "{}", ended.err);
        assert!(place.files() == before);
    }
    let _ = log_in(&place.serve().client(), "ada", PASSWORD).expect(200);
}
