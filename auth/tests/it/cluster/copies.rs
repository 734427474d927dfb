//! `auth backup` and `auth restore` with the address of a cluster: a copy moves from either engine to the other. `person`
//! tests the rules that all databases share.

use serde_json::Value;
use testkit::{Client, TestDir, tokens};

use super::{create_database, server};
use crate::service::{PASSWORD, log_in, register, test_dir, token};

fn dir_at(url: &str) -> TestDir {
    test_dir().with("AUTH_DB", url)
}

/// Registers a user, an administrator and a user whose account is then closed.
fn fill(dir: &TestDir, client: &Client) {
    for name in ["ada", "bob", "eve"] {
        let _ = register(client, name, PASSWORD).expect(201);
    }
    assert_eq!(dir.run(&["grant", "ada", "admin"], &[]).code, Some(0));
    assert_eq!(dir.run(&["revoke", "eve"], &[]).code, Some(0));
}

/// Returns the account's id and role for each user that [`fill`] has registered, and checks which logins and usernames
/// are refused.
fn accounts(client: &Client) -> Vec<[Value; 2]> {
    let _ = log_in(client, "ada", "another password").expect(401);
    let _ = log_in(client, "eve", PASSWORD).expect(401);
    let _ = register(client, "eve", PASSWORD).expect(409);
    let account = |name| {
        let claims = tokens::read(&token(&log_in(client, name, PASSWORD))).1;
        [claims["uid"].clone(), claims["role"].clone()]
    };
    ["ada", "bob"].map(account).to_vec()
}

#[track_caller]
fn restore(dir: &TestDir, copy: Vec<u8>) {
    let ended = dir.restore(copy);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
}

#[test]
fn accounts_move_to_a_cluster_and_back() {
    let file = test_dir();
    let mut process = file.serve();
    fill(&file, &process.client());
    let expected = accounts(&process.client());

    let cluster = dir_at(&create_database());
    let mut process = cluster.serve();
    let client = process.client();
    // A replica that is running serves the restored accounts.
    restore(&cluster, file.backup());
    assert_eq!(accounts(&client), expected);
    let _ = register(&client, "new", PASSWORD).expect(201);

    let back = test_dir();
    restore(&back, cluster.backup());
    let mut process = back.serve();
    assert_eq!(accounts(&process.client()), expected);
    let _ = log_in(&process.client(), "new", PASSWORD).expect(200);
}

#[test]
fn database_with_accounts_is_refused_and_unchanged() {
    let file = test_dir();
    fill(&file, &file.serve().client());
    let copy = file.backup();
    // The username of a closed account is content too.
    for close in [false, true] {
        let dir = dir_at(&create_database());
        let mut process = dir.serve();
        let _ = register(&process.client(), "zoe", PASSWORD).expect(201);
        if close {
            assert_eq!(dir.run(&["revoke", "zoe"], &[]).code, Some(0));
        }
        let ended = dir.restore(&copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
        let words = "auth: the database has accounts already; restore into an empty one";
        assert!(ended.err.starts_with(words), "{}", ended.err);
        let _ = log_in(&process.client(), "ada", PASSWORD).expect(401);
        let _ = log_in(&process.client(), "zoe", PASSWORD).expect(if close { 401 } else { 200 });
    }
}

#[test]
fn invalid_copy_changes_nothing_in_a_database() {
    let url = create_database();
    let dir = dir_at(&url);
    drop(dir.backup());
    let file = test_dir();
    fill(&file, &file.serve().client());
    let copy = file.backup();
    for (copy, words) in
        [(&b"no database"[..], "not an SQLite database"), (&copy[..copy.len() - 1], "truncated")]
    {
        let ended = dir.restore(copy);
        assert_eq!((ended.code, &ended.out[..]), (Some(1), ""), "{words}");
        assert!(
            ended.err.contains("the copy cannot be used: ") && ended.err.contains(words),
            "{}",
            ended.err
        );
        assert_eq!(server().query(&url, "SELECT count(*) FROM account"), "0", "{words}");
    }
    restore(&dir, copy);
}

#[test]
fn copy_commands_report_a_database_that_is_not_there() {
    let dir = dir_at("postgres://a:hunter2@127.0.0.1:1/db");
    let ended = dir.run(&["backup"], &[]);
    assert_eq!((ended.code, &ended.out[..]), (Some(1), ""));
    assert!(ended.err.starts_with("auth: cannot use the database: "), "{}", ended.err);
    assert!(!ended.err.contains("hunter2"), "{}", ended.err);
}
