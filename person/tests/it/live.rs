//! The page at `/live` and its events.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use chassis::Settings;
use serde_json::{Value, json};
use testkit::openapi::assert_documents;
use testkit::{Binary, Client, PATIENCE, StopOnDrop, TestDir, Watcher, eventually, tokens, within};

use crate::service::{ada, create, test_dir};

/// The files of the page, with their types.
const FILES: [(&str, &str); 5] = [
    ("/live", "text/html"),
    ("/live/page.css", "text/css"),
    ("/live/page.js", "text/javascript"),
    ("/live/stage.js", "text/javascript"),
    ("/live/requests.js", "text/javascript"),
];
/// Requests of which a watcher sees each: more in a second are only counted.
const FOLLOWED_PER_SECOND: usize = 20;
const WATCHERS: usize = 64;
/// Bytes: the events that wait for a watcher, and what hyper and the kernel keep.
const MORE_THAN_IS_KEPT: usize = 150_000;

fn live_dir() -> TestDir {
    test_dir().with("LIVE", "on")
}

fn watch(process: &mut Binary) -> (Client, Watcher) {
    let client = ada(process);
    let watcher = Watcher::of(client.address());
    (client, watcher)
}

#[test]
fn live_paths_are_unknown_by_default() {
    // The binary: it reads the variable's default.
    let dir = test_dir();
    let mut process = dir.serve();
    let service = process.client();
    let index = service.get("/").expect(200).text();
    assert!(!index.contains("/live\""), "{index}");
    for path in FILES.map(|(path, _)| path).iter().chain(&["/live/events"]) {
        service.get(path).expect_problem(404, "no-such-route");
    }
}

#[test]
fn live_is_on_or_off() {
    let ended = test_dir().run(&["serve"], &[("LIVE", "yes")]);
    assert_eq!(ended.code, Some(78));
    assert!(ended.err.contains("LIVE=yes: expected on or off"), "{}", ended.err);
}

#[test]
fn live_paths_are_documented_and_linked() {
    let dir = live_dir();
    let mut process = dir.serve();
    let service = process.client();
    let settings = Settings { live: true, ..Settings::default() };
    assert_documents(&service.get("/openapi.json").expect(200).json(), person::routes::ROUTES, &settings);
    let index = service.get("/").expect(200).text();
    let page = service.get("/live").expect(200).text();
    let script = service.get("/live/page.js").expect(200).text();
    for (path, kind) in FILES {
        assert!(index.contains(&format!("\"{path}\"")), "{path} in {index}");
        let file = service.get(path).expect(200);
        assert_eq!(file.header("content-type"), Some(format!("{kind}; charset=utf-8").as_str()));
        let policy = file.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
        let name = path.rsplit('/').next().expect("a name");
        let is_loaded =
            page.contains(&format!("\"{}\"", &path[1..])) || script.contains(&format!("'./{name}'"));
        assert!(is_loaded || path == "/live", "the page does not load {path}");
    }
    service.call("POST", "/live/events").send().expect_problem(405, "method-not-allowed");
}

#[test]
fn each_step_of_a_request_is_an_event() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut watcher) = watch(&mut process);
    create(&client, "Ada");
    let begin = watcher.next("begin");
    assert_eq!((&begin["method"], &begin["route"]), (&json!("POST"), &json!("/persons")));
    let of_this_request = |event: &Value| event["id"] == begin["id"];
    let step = watcher.next("step");
    assert!(of_this_request(&step) && step["to"] == "store" && step["what"] == "write", "{step}");
    let stepped = watcher.next("stepped");
    assert!(of_this_request(&stepped) && stepped["ms"].is_f64(), "{stepped}");
    let end = watcher.next("end");
    assert!(of_this_request(&end) && end["trace_id"] == begin["trace_id"], "{end}");
    assert_eq!((&end["status"], &end["admitted"]), (&json!(201), &json!(true)));
    assert_eq!(end["steps"][0]["to"], "store");
    let count = watcher.next("count");
    assert_eq!(count, json!({"answered": 1, "refused": 0, "failed": 0}));
    let head = watcher.text().split("\r\n\r\n").next().expect("a head").to_owned();
    for line in [
        "HTTP/1.1 200 OK",
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "traceparent: 00-",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
}

#[test]
fn refusal_at_the_door_is_not_admitted() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut watcher) = watch(&mut process);
    let anonymous = process.client();
    for (answer, route) in [
        (anonymous.get("/persons/1"), "/persons/{id}"),
        (anonymous.get("/nothing"), "unmatched"),
        (client.post("/persons", &json!({"nom": "Ada"})), "/persons"),
        (client.call("PATCH", "/persons/1").send(), "/persons/{id}"),
    ] {
        let end = watcher.next("end");
        assert_eq!((&end["status"], &end["route"]), (&json!(answer.status), &json!(route)));
        assert_eq!((&end["admitted"], &end["steps"]), (&json!(false), &json!([])), "{end}");
    }
}

#[test]
fn events_hold_no_value_that_a_caller_sent() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut watcher) = watch(&mut process);
    let marked = client.with_token(&tokens::user("markeduser"));
    let id = create(&marked, "Marked Name");
    let _ = marked.get(&format!("/persons/{id}")).expect(200);
    let _ = marked.get("/persons/4711471147").expect(404);
    let _ = marked.get("/persons?limit=0").expect(400);
    let _ = marked.get("/marked/path?marked=query").expect(404);
    let _ = marked.call("MARKED", "/persons/1").header("Marked", "marked").send().expect(405);
    let _ = marked.post("/persons", &json!({"name": "", "marked": "Marked Name"})).expect(422);
    for _ in 0..7 {
        watcher.next("end");
    }
    let events = watcher.text();
    for value in ["marked", "Marked", "MARKED", "4711471147", "eyJ", "/persons/1", "limit"] {
        assert!(!events.contains(value), "{value} in {events}");
    }
    assert!(
        events.contains("\"route\":\"/persons/{id}\"") && events.contains("\"method\":\"other\""),
        "{events}"
    );
}

#[test]
fn probes_and_the_page_itself_are_not_followed() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut watcher) = watch(&mut process);
    for path in ["/livez", "/readyz", "/metrics", "/live", "/live/page.js"] {
        let _ = client.get(path).expect(200);
    }
    create(&client, "Ada");
    assert_eq!(watcher.next("begin")["route"], "/persons");
}

#[test]
fn requests_beyond_the_limit_are_counted_only() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut watcher) = watch(&mut process);
    let send = || {
        let start = Instant::now();
        for _ in 0..200 {
            let _ = client.get("/persons").expect(200);
        }
        start.elapsed().as_secs_f64()
    };
    let mut counted = 0;
    let seconds = thread::scope(|scope| {
        let sent = scope.spawn(send);
        // It reads meanwhile: one that does not is dropped.
        eventually("each request is counted", || {
            counted += watcher.next("count")["answered"].as_u64().expect("a number");
            (counted >= 200).then_some(())
        });
        sent.join().expect("no panic")
    });
    assert_eq!(counted, 200);
    let followed = watcher.text().matches("event: end").count();
    let most = FOLLOWED_PER_SECOND as f64 * (2.0 + seconds);
    assert!(followed >= FOLLOWED_PER_SECOND && (followed as f64) < most, "{followed} in {seconds} s");
}

#[test]
fn watcher_that_does_not_read_is_dropped() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, mut quick) = watch(&mut process);
    let mut slow = Watcher::slow(client.address());
    let is_enough = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_enough.load(Ordering::Relaxed) {
                let _ = client.get("/persons").expect(200);
            }
        });
        let _stop = StopOnDrop(&is_enough);
        // With twenty requests in a second it takes some seconds.
        within(PATIENCE * 3, "the quick watcher has read enough", || {
            quick.next("end");
            (quick.text().len() >= MORE_THAN_IS_KEPT).then_some(())
        });
    });
    eventually("the feed of the slow watcher ends", || slow.until("count").is_none().then_some(()));
    let sent = slow.text().len();
    assert!(sent < MORE_THAN_IS_KEPT, "{sent} bytes for the slow watcher");
    quick.next("count");
}

#[test]
fn number_of_watchers_is_bounded() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (client, first) = watch(&mut process);
    let others: Vec<_> = (1..WATCHERS).map(|_| Watcher::of(client.address())).collect();
    // An answer to HEAD ends, whatever it is.
    let _ = client.call("HEAD", "/live/events").send().expect(503);
    drop((first, others));
    // The service finds out when it sends to them.
    eventually("there is room again", || {
        create(&client, "Ada");
        client.get("/metrics").text().contains("http_requests_in_flight 1\n").then_some(())
    });
    Watcher::of(client.address());
}

#[test]
fn service_stops_without_waiting_for_watchers() {
    let dir = live_dir();
    let mut process = dir.serve();
    let (_, mut watcher) = watch(&mut process);
    let start = Instant::now();
    process.signal("TERM");
    assert_eq!(process.ended().code(), Some(0));
    assert_eq!(watcher.until("never"), None);
    assert!(start.elapsed().as_secs() < 4, "the process waited for a watcher");
}
