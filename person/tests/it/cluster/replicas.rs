//! Several replicas over one database.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::json;
use testkit::{Client, PATIENCE, StopOnDrop};

use super::create_location;
use crate::service::{LIMIT, PersonService, create, numbers};

/// Starts two replicas.
fn two(limit: u32) -> [PersonService; 2] {
    let location = create_location();
    [(); 2].map(|()| PersonService::at(location.clone(), limit))
}

/// Does `work` as Ada on eight threads, half of them at each replica, and returns the results.
fn crowd<T: Send>(replicas: &[PersonService; 2], work: impl Fn(usize, Client) -> T + Sync) -> Vec<T> {
    crowd_of(8, |_| "ada".to_owned(), replicas, work)
}

/// Does `work` as [`crowd`] does, on this many threads and as several users.
fn crowd_of<T: Send>(
    threads: usize,
    user: impl Fn(usize) -> String,
    replicas: &[PersonService; 2],
    work: impl Fn(usize, Client) -> T + Sync,
) -> Vec<T> {
    let work = &work;
    thread::scope(|scope| {
        let begin = |i: usize| {
            let client = replicas[i % 2].user(&user(i));
            scope.spawn(move || work(i, client))
        };
        let threads: Vec<_> = (0..threads).map(begin).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    })
}

#[test]
fn replicas_start_at_once_on_an_empty_database() {
    for _ in 0..5 {
        let location = &create_location();
        let start = || PersonService::at(location.clone(), LIMIT);
        let replicas: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().expect("it starts")).collect()
        });
        let identity = |replica: &PersonService| {
            replica.ada().get("/persons/1").header("person-store").expect("an identity").to_owned()
        };
        let identities: BTreeSet<_> = replicas.iter().map(identity).collect();
        assert_eq!(identities.len(), 1, "{identities:?}");
    }
}

#[test]
fn acknowledged_write_is_seen_by_the_other_replica() {
    let [one, other] = two(LIMIT);
    for i in 0..20 {
        let path = format!("/persons/{}", one.create(&format!("Ada {i}")));
        let _ = other.ada().put(&path, &json!({"name": "Eve"})).expect(200);
        assert_eq!(one.ada().get(&path).json()["name"], "Eve");
        let _ = one.ada().delete(&path).expect(204);
        let _ = other.ada().get(&path).expect(404);
    }
}

#[test]
fn writers_at_two_replicas_lose_no_update() {
    let replicas = two(LIMIT);
    let path = &format!("/persons/{}", replicas[0].create("Ada"));
    let tags = crowd(&replicas, |i, client| {
        let (mut tags, start) = (Vec::new(), Instant::now());
        while tags.len() < 10 {
            assert!(start.elapsed() < PATIENCE * 3, "writer {i} has changed it {} times", tags.len());
            let tag = client.get(path).expect(200).header("etag").expect("an ETag").to_owned();
            let body = json!({"name": format!("writer {i}")});
            let answer = client.call("PUT", path).header("If-Match", &tag).json(&body).send();
            if answer.status != 412 {
                tags.push(answer.expect(200).header("etag").expect("an ETag").to_owned());
            }
        }
        tags
    });
    let tags: BTreeSet<_> = tags.concat().into_iter().collect();
    assert_eq!(tags.len(), 80, "each of 80 updates has its own ETag");
    assert_eq!(replicas[1].ada().get(path).header("etag"), Some("\"81\""));
}

#[test]
fn repetitions_at_two_replicas_create_one_person() {
    let replicas = two(LIMIT);
    for round in 1..=20 {
        let key = format!("key {round}");
        let ids = crowd(&replicas, |_, client| {
            let create = client.call("POST", "/persons").header("Idempotency-Key", &key);
            create.json(&json!({"name": "Ada"})).send().expect(201).json()["id"].as_i64()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(numbers(&replicas[0].ada().get("/persons"), "id").len(), round);
    }
}

#[test]
fn creations_at_once_keep_their_names_and_limits() {
    // So many that several of them share a transaction.
    let replicas = two(5);
    let answers = crowd_of(
        64,
        |i| format!("user{}", i % 4),
        &replicas,
        |i, client| {
            let name = format!("person {i}");
            let answer = client.post("/persons", &json!({"name": &name}));
            if answer.status == 201 {
                assert_eq!(answer.json()["name"], name);
                let path = answer.header("location").expect("its address").to_owned();
                for replica in &replicas {
                    assert_eq!(
                        replica.user(&format!("user{}", i % 4)).get(&path).expect(200).json(),
                        answer.json()
                    );
                }
            }
            (i % 4, answer.status)
        },
    );
    for user in 0..4 {
        let count = |status| answers.iter().filter(|answer| **answer == (user, status)).count();
        assert_eq!((count(201), count(403)), (5, 11), "{answers:?}");
    }
}

#[test]
fn reader_of_the_feed_misses_no_deletion() {
    let replicas = two(LIMIT);
    // Deletions of one account wait for each other.
    let user = |i: usize| format!("user{i}");
    let ids = crowd_of(8, user, &replicas, |_, client| {
        (0..100).map(|_| create(&client, "Ada")).collect::<Vec<_>>()
    });
    let (deleted, health) = (AtomicBool::new(false), replicas[0].health());
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut seen, mut after) = (Vec::new(), 0);
            loop {
                let last = deleted.load(Ordering::SeqCst);
                let page = health.get(&format!("/persons/deleted?limit=1000&after={after}")).expect(200);
                after = numbers(&page, "seq").last().copied().unwrap_or(after);
                seen.extend(numbers(&page, "id"));
                if last {
                    return (seen, after);
                }
            }
        });
        let stop = StopOnDrop(&deleted);
        crowd_of(8, user, &replicas, |i, client| {
            for id in &ids[i] {
                let _ = client.delete(&format!("/persons/{id}")).expect(204);
            }
        });
        drop(stop);
        reader.join().expect("no panic")
    });
    let (mut seen, last) = seen;
    seen.sort_unstable();
    let mut all = ids.concat();
    all.sort_unstable();
    assert_eq!((seen.len(), last), (all.len(), 800), "the reader saw some of the deletions only");
    assert_eq!(seen, all);
}
