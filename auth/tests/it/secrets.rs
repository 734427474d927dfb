//! How passwords are stored, and where they must not appear.

use std::fs;

use argon2::{Algorithm, Argon2, Params, Version};
use sqlite::rusqlite::{Connection, OpenFlags};

use crate::service::{AuthService, PASSWORD, WRONG, log_in, register, test_dir, token};

/// Returns the stored salt, hash, memory, passes and lanes of an account.
fn stored(service: &AuthService, username: &str) -> (Vec<u8>, Vec<u8>, u32, u32, u32) {
    let db =
        Connection::open_with_flags(service.db(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database");
    let query = "SELECT salt, hash, memory_kib, passes, lanes FROM account WHERE username = ?1";
    let row = db.query_row(query, [username], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    row.expect("an account")
}

#[test]
fn password_is_stored_as_argon2id_with_its_own_salt() {
    let service = AuthService::start();
    let _ = service.register("ada", PASSWORD).expect(201);
    let _ = service.register("bob", PASSWORD).expect(201);
    let (salt, hash, memory_kib, passes, lanes) = stored(&service, "ada");
    assert_eq!((memory_kib, passes, lanes), (19 * 1024, 2, 1));
    assert_eq!((salt.len(), hash.len()), (16, 32));
    let params = Params::new(memory_kib, passes, lanes, Some(32)).expect("good parameters");
    let mut expected = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSWORD.as_bytes(), &salt, &mut expected)
        .expect("a hash");
    assert_eq!(hash, expected);
    let (other_salt, other_hash, ..) = stored(&service, "bob");
    assert!(
        salt != other_salt && hash != other_hash,
        "two accounts with one password share a salt or a hash"
    );
}

#[test]
fn passwords_and_tokens_are_in_no_file_and_no_log() {
    let dir = test_dir();
    let mut process = dir.serve_with(&[("LOG", "trace")]);
    let client = process.client();
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let token = token(&log_in(&client, "ada", PASSWORD));
    let _ = log_in(&client, "ada", WRONG).expect(401);
    let _ = log_in(&client, "nobody", WRONG).expect(401);
    let _ = register(&client, "ada", WRONG).expect(409);
    let _ = register(&client, "Ada", WRONG).expect(422);
    let _ = client.with_token(&token).get("/me").expect(200);
    let signature = token.rsplit('.').next().expect("a signature");
    let secrets = [PASSWORD, WRONG, signature];
    let search = |what: &str, bytes: &[u8]| {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {what}");
        }
    };
    let search_files = || {
        for file in fs::read_dir(dir.path("")).expect("the folder") {
            let path = file.expect("an entry").path();
            search(&path.display().to_string(), &fs::read(&path).expect("a file"));
        }
    };
    search_files();
    process.signal("TERM");
    assert!(process.ended().success());
    search_files();
    assert!(process.logs().contains("answered"));
    search("the log", process.logs().as_bytes());
}
