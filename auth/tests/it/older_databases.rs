//! Databases of earlier versions: every account keeps its password, its role and its id.

use std::collections::BTreeSet;

use argon2::{Algorithm, Argon2, Params, Version};
use sqlite::rusqlite::{Connection, params};
use testkit::{Client, TestDir, tokens};

use crate::service::{PASSWORD, WRONG, log_in, register, test_dir, token};

/// Enough for the bytes of their salts and hashes to hold every character of base64.
const USERS: usize = 12;

/// The columns of a password, before it was one text.
const FIVE_COLUMNS: &str = "salt BLOB NOT NULL, hash BLOB NOT NULL, memory_kib INTEGER NOT NULL, passes INTEGER NOT NULL, lanes INTEGER NOT NULL";

/// Writes a database of this version with users of the password [`PASSWORD`]; the last one is an administrator, and has
/// other parameters of Argon2.
fn older_database(version: u32) -> TestDir {
    let dir = test_dir();
    let db = Connection::open(dir.path("store")).expect("a new database");
    let uid = if version == 1 { "" } else { "uid TEXT NOT NULL UNIQUE," };
    let schema = format!(
        "CREATE TABLE account (username TEXT PRIMARY KEY, {uid}
             role TEXT NOT NULL CHECK (role IN ('user', 'admin')), {FIVE_COLUMNS}) STRICT, WITHOUT ROWID;
         PRAGMA user_version = {version};"
    );
    db.execute_batch(&schema).expect("valid SQL");
    for number in 0..USERS {
        let is_last = number + 1 == USERS;
        let (memory_kib, passes, role) = if is_last { (8192, 3, "admin") } else { (19456, 2, "user") };
        let salt: Vec<u8> = (0..16).map(|i| (number * 16 + i) as u8 ^ 0xA5).collect();
        let mut hash = [0; 32];
        let parameters = Params::new(memory_kib, passes, 1, Some(32)).expect("valid parameters");
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        argon2.hash_password_into(PASSWORD.as_bytes(), &salt, &mut hash).expect("a hash");
        let username = format!("user-{number}");
        let id = if version == 1 { String::new() } else { format!("'{}',", tokens::uid(&username)) };
        let insert = format!("INSERT INTO account VALUES (?1, {id} ?2, ?3, ?4, ?5, ?6, 1)");
        let row = params![username, role, salt, hash, memory_kib, passes];
        db.execute(&insert, row).expect("the schema of that version");
    }
    dir
}

/// Logs in every user, and returns their ids.
fn ids(client: &Client) -> Vec<String> {
    let id = |number: usize| {
        let username = format!("user-{number}");
        let (_, claims) = tokens::read(&token(&log_in(client, &username, PASSWORD)));
        assert_eq!(claims["role"], if number + 1 == USERS { "admin" } else { "user" });
        claims["uid"].as_str().expect("an id").to_owned()
    };
    (0..USERS).map(id).collect()
}

#[test]
fn accounts_of_an_older_database_keep_their_logins() {
    for version in [1, 2] {
        let dir = older_database(version);
        let mut process = dir.serve();
        let client = process.client();
        let first = ids(&client);
        if version == 1 {
            assert_eq!(first.iter().collect::<BTreeSet<_>>().len(), USERS);
        } else {
            assert_eq!(first, (0..USERS).map(|n| tokens::uid(&format!("user-{n}"))).collect::<Vec<_>>());
        }
        let _ = log_in(&client, "user-0", WRONG).expect(401);
        let _ = register(&client, "user-0", PASSWORD).expect(409);
        drop(process);
        assert_eq!(ids(&dir.serve().client()), first, "of version {version}");
    }
}
