//! The operator's commands with the address of a cluster.

use testkit::tokens;

use super::create_database;
use crate::service::{PASSWORD, log_in, register, test_dir, token};

#[test]
fn grant_and_revoke_change_an_account_of_the_cluster() {
    let dir = test_dir().with("AUTH_DB", &create_database());
    let mut process = dir.serve();
    let client = process.client();
    testkit::eventually("ready", || (client.get("/readyz").status == 200).then_some(()));
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let ended = dir.run(&["grant", "ada", "admin"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(tokens::read(&token(&log_in(&client, "ada", PASSWORD))).1["role"], "admin");
    let ended = dir.run(&["revoke", "ada"], &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let _ = log_in(&client, "ada", PASSWORD).expect(401);
    for again in [&["revoke", "ada"][..], &["grant", "ada", "admin"]] {
        let ended = dir.run(again, &[]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.err.contains("the user `ada` does not exist"), "{}", ended.err);
    }
}
