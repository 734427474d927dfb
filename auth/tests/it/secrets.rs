//! Passwords are nowhere: not in the files, not in the logs.

use std::fs;

use argon2::{Algorithm, Argon2, Params, Version};
use sqlite::rusqlite::{Connection, OpenFlags};

use crate::lab::{Lab, PASSWORD, log_in, place, register, token};

/// What is kept of an account's password: salt, hash, memory, passes, lanes.
fn kept(lab: &Lab, username: &str) -> (Vec<u8>, Vec<u8>, u32, u32, u32) {
    let db = Connection::open_with_flags(lab.db(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database");
    let query = "SELECT salt, hash, memory_kib, passes, lanes FROM account WHERE username = ?1";
    let row = db.query_row(query, [username], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    row.expect("an account")
}

#[test]
fn a_password_is_kept_as_argon2id_with_a_salt_of_its_own() {
    let lab = Lab::new();
    let _ = lab.register("ada", PASSWORD).expect(201);
    let _ = lab.register("bob", PASSWORD).expect(201);
    let (salt, hash, memory_kib, passes, lanes) = kept(&lab, "ada");
    assert_eq!((memory_kib, passes, lanes), (19 * 1024, 2, 1));
    assert_eq!((salt.len(), hash.len()), (16, 32));
    let params = Params::new(memory_kib, passes, lanes, Some(32)).expect("good parameters");
    let mut expected = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSWORD.as_bytes(), &salt, &mut expected)
        .expect("a hash");
    assert_eq!(hash, expected);
    let (other_salt, other_hash, ..) = kept(&lab, "bob");
    assert!(salt != other_salt && hash != other_hash, "one password, two accounts, two hashes");
}

#[test]
fn no_password_and_no_token_gets_into_a_file_or_the_log() {
    let place = place();
    let mut service = place.serve_with(&[("LOG", "trace")]);
    let client = service.client();
    let wrong = "difference engine";
    let _ = register(&client, "ada", PASSWORD).expect(201);
    let token = token(&log_in(&client, "ada", PASSWORD));
    let _ = log_in(&client, "ada", wrong).expect(401);
    let _ = log_in(&client, "nobody", wrong).expect(401);
    let _ = register(&client, "ada", wrong).expect(409);
    let _ = register(&client, "Ada", wrong).expect(422);
    let _ = client.with_token(&token).get("/me").expect(200);
    let signature = token.rsplit('.').next().expect("a signature");
    let secrets = [PASSWORD, wrong, signature];
    let nowhere = |what: &str, bytes: &[u8]| {
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {what}");
        }
    };
    let look_at_files = || {
        for file in fs::read_dir(place.path("")).expect("the folder is ours") {
            let path = file.expect("an entry").path();
            nowhere(&path.display().to_string(), &fs::read(&path).expect("a file"));
        }
    };
    look_at_files();
    service.signal("TERM");
    assert!(service.ended().success());
    look_at_files();
    assert!(service.logs().contains("answered"));
    nowhere("the log", service.logs().as_bytes());
}
