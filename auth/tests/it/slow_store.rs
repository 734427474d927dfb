//! A store that takes longer than a request may.

use serde_json::json;
use sqlite::rusqlite::Connection;

use crate::service::{PASSWORD, log_in, register, test_dir, token};

/// A trigger for each write of an account that counts to 10^15.
const ENDLESS: &str = "
    CREATE TABLE endless (n INTEGER);
    INSERT INTO endless
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000)
        SELECT n FROM number;
    CREATE TRIGGER slow AFTER EVENT ON account BEGIN
        DELETE FROM endless
        WHERE (SELECT count(*) FROM endless a, endless b, endless c, endless d, endless e) < 0;
    END;";

#[test]
fn write_that_takes_too_long_has_an_unknown_outcome() {
    for event in ["INSERT", "UPDATE", "DELETE"] {
        let dir = test_dir();
        let mut process = dir.serve();
        let client = process.client();
        let _ = register(&client, "ada", PASSWORD).expect(201);
        let ada = client.with_token(&token(&log_in(&client, "ada", PASSWORD)));
        let db = Connection::open(dir.path("store")).expect("the database");
        db.execute_batch(&ENDLESS.replace("EVENT", event)).expect("the service is idle");
        let answer = match event {
            "INSERT" => register(&client, "bob", PASSWORD),
            "UPDATE" => {
                let change = json!({"current_password": PASSWORD, "new_password": "difference engine"});
                ada.put("/me/password", &change)
            }
            _ => ada.delete("/me"),
        };
        assert_eq!(answer.header("retry-after"), None, "{event}");
        answer.expect_problem(503, "outcome-unknown");
        // Reads still work; an orderly stop would wait for the write.
        let _ = log_in(&client, "ada", PASSWORD).expect(200);
        process.signal("KILL");
        let _ = process.ended();
    }
}
