//! `auth backup` and `auth restore`. `person` tests the rules that all databases share.

use testkit::tokens;

use crate::service::{PASSWORD, log_in, register, test_dir, token};

#[test]
fn restored_accounts_keep_their_passwords_and_roles() {
    let from = test_dir();
    let mut process = from.serve();
    let _ = register(&process.client(), "ada", PASSWORD).expect(201);
    let _ = register(&process.client(), "bob", PASSWORD).expect(201);
    assert_eq!(from.run(&["grant", "ada", "admin"], &[]).code, Some(0));
    let copy = from.backup();
    let _ = register(&process.client(), "eve", PASSWORD).expect(201);

    let dir = test_dir();
    let ended = dir.restore(copy);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let mut process = dir.serve();
    for (username, role) in [("ada", "admin"), ("bob", "user")] {
        let token = token(&log_in(&process.client(), username, PASSWORD));
        assert_eq!(tokens::read(&token).1["role"], role);
        let _ = log_in(&process.client(), username, "another password").expect(401);
    }
    let _ = log_in(&process.client(), "eve", PASSWORD).expect(401);
    let _ = register(&process.client(), "ada", PASSWORD).expect(409);
}

#[test]
fn truncated_copy_is_refused() {
    let dir = test_dir();
    let mut process = dir.serve();
    let _ = register(&process.client(), "ada", PASSWORD).expect(201);
    let copy = dir.backup();
    drop(process);
    let before = dir.files();
    // Accounts have no index, so SQLite itself would read the missing end of a hash as zeros.
    for missing in [1, 2, 10, 100] {
        let ended = dir.restore(&copy[..copy.len() - missing]);
        assert_eq!(ended.code, Some(1), "{missing}");
        assert!(ended.err.contains("the copy cannot be used: it is truncated"), "{}", ended.err);
        assert!(dir.files() == before);
    }
    let _ = log_in(&dir.serve().client(), "ada", PASSWORD).expect(200);
}
