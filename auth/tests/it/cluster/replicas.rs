//! Several replicas over one database.

use std::thread;

use serde_json::json;
use testkit::{PostgresServer, eventually, tokens};

use super::{create_location, location};
use crate::service::{AuthService, PASSWORD, WRONG, token};

fn two() -> [AuthService; 2] {
    let location = create_location();
    [(); 2].map(|()| AuthService::at(location.clone()))
}

/// Calls on many threads at once, half of them at each replica, and returns the statuses.
fn crowd(replicas: &[AuthService; 2], count: usize, call: impl Fn(&AuthService) -> u16 + Sync) -> Vec<u16> {
    let call = &call;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|i| scope.spawn(move || call(&replicas[i % 2]))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

#[test]
fn account_of_one_replica_is_known_to_the_other() {
    let [one, other] = two();
    let _ = one.register("ada", PASSWORD).expect(201);
    let access = token(&other.log_in("ada", PASSWORD));
    let uid = |access: &str| tokens::read(access).1["uid"].clone();
    assert_eq!(uid(&access), uid(&token(&one.log_in("ada", PASSWORD))));
    let ada = one.client().with_token(&access);
    let change = json!({"current_password": PASSWORD, "new_password": WRONG});
    let _ = ada.put("/me/password", &change).expect(204);
    let _ = other.log_in("ada", PASSWORD).expect(401);
    let _ = other.log_in("ada", WRONG).expect(200);
    let _ = ada.delete("/me").expect(204);
    let _ = other.log_in("ada", WRONG).expect(401);
    other.register("ada", PASSWORD).expect_problem(409, "username-taken");
}

#[test]
fn one_of_two_registrations_of_a_name_wins() {
    let replicas = two();
    for round in 0..5 {
        let name = format!("ada{round}");
        let statuses = crowd(&replicas, 6, |replica| replica.register(&name, PASSWORD).status);
        assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 5), "{statuses:?}");
    }
}

#[test]
fn replicas_count_failures_together() {
    let replicas = two();
    let _ = replicas[0].register("ada", PASSWORD).expect(201);
    for i in 0..5 {
        let _ = replicas[i % 2].log_in("ada", WRONG).expect(401);
    }
    for replica in &replicas {
        let refused = replica.log_in("ada", PASSWORD).expect_problem(429, "too-many-failures");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
}

#[test]
fn crowd_of_guesses_gets_no_more_at_two_replicas() {
    let replicas = two();
    let _ = replicas[0].register("ada", PASSWORD).expect(201);
    let statuses = crowd(&replicas, 80, |replica| replica.log_in("ada", WRONG).status);
    // Five are free. On a slow machine the first waits may pass meanwhile, which allows three more in seven seconds.
    let guessed = count(&statuses, 401);
    assert!((5..=8).contains(&guessed), "{statuses:?}");
    assert_eq!(guessed + count(&statuses, 429), 80, "{statuses:?}");
}

#[test]
fn crowd_of_right_passwords_gets_in_at_two_replicas() {
    let replicas = two();
    let _ = replicas[0].register("ada", PASSWORD).expect(201);
    assert_eq!(crowd(&replicas, 20, |replica| replica.log_in("ada", PASSWORD).status), [200; 20]);
}

#[test]
fn tables_of_the_throttle_stay_bounded() {
    let server = PostgresServer::start();
    let service = AuthService::at(location(&server.create_database()));
    let _ = service.register("ada", PASSWORD).expect(201);
    let old = "'u' || n, 'p', clock_timestamp() - INTERVAL '1 hour' FROM generate_series(1, 20006) n";
    for table in ["failures", "welcome"] {
        server.query("test0", &format!("INSERT INTO {table} (username, peer, last) SELECT {old}"));
    }
    server.query("test0", &format!("INSERT INTO attempt (id, username, peer, begun) SELECT 'i' || n, {old}"));
    server.query("test0", "DELETE FROM attempt WHERE id NOT IN ('i1', 'i2', 'i3')");
    eventually("each table is as small as it may be", || {
        // A right password adds to one table, a wrong one to the other.
        let _ = service.log_in("ada", PASSWORD).expect(200);
        let _ = service.log_in("nobody", WRONG).expect(401);
        let sql =
            "SELECT (SELECT count(*) FROM failures) <= 20000 AND (SELECT count(*) FROM welcome) <= 20000
                       AND NOT EXISTS (SELECT 1 FROM attempt)";
        (server.query("test0", sql) == "t").then_some(())
    });
    let newest = "SELECT count(*) FROM welcome WHERE username = 'ada'";
    assert_eq!(server.query("test0", newest), "1", "the oldest rows were removed, not the newest");
}
