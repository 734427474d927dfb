//! How passwords are stored, and where they must not appear.

use std::fs;

use argon2::{Argon2, PasswordVerifier as _};
use sqlite::rusqlite::{Connection, OpenFlags};

use crate::service::{AuthService, PASSWORD, WRONG, log_in, register, test_dir, token};

/// Returns the stored password of an account.
fn stored(service: &AuthService, username: &str) -> String {
    let db =
        Connection::open_with_flags(service.db(), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the database");
    let query = "SELECT password FROM account WHERE username = ?1";
    db.query_row(query, [username], |row| row.get(0)).expect("an account")
}

#[test]
fn password_is_stored_as_argon2id_with_its_own_salt() {
    let service = AuthService::on_file();
    let _ = service.register("ada", PASSWORD).expect(201);
    let _ = service.register("bob", PASSWORD).expect(201);
    let [ada, bob] = ["ada", "bob"].map(|username| stored(&service, username));
    let (parts, other): (Vec<&str>, Vec<&str>) = (ada.split('$').collect(), bob.split('$').collect());
    assert_eq!(parts[..4], ["", "argon2id", "v=19", "m=19456,t=2,p=1"], "{ada}");
    // 16 and 32 bytes in base64.
    assert_eq!((parts.len(), parts[4].len(), parts[5].len()), (6, 22, 43), "{ada}");
    assert!(parts[4] != other[4] && parts[5] != other[5], "two accounts share a salt or a hash");
    // The library reads its parameters from the text.
    let verifier = Argon2::default();
    assert!(verifier.verify_password(PASSWORD.as_bytes(), ada.as_str()).is_ok());
    assert!(verifier.verify_password(WRONG.as_bytes(), ada.as_str()).is_err());
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
