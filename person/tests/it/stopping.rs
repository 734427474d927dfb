//! How the process stops.

use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use testkit::{Binary, Client, Wire, eventually};

use crate::service::{LIVE, ada, create, post_head, test_dir};

/// Sends a request without the end of its body, and waits until the service has read the head.
fn half_a_request(process: &mut Binary) -> Wire {
    let client = process.client();
    let mut wire = Wire::to(client.address());
    wire.send(format!("{}Content-Length: 14\r\n\r\n{{\"name\"", post_head()));
    eventually("the request is in flight", || {
        let metrics = client.get("/metrics").text();
        metrics.contains("http_requests_in_flight 2").then_some(())
    });
    wire
}

fn wait_until_stopping(process: &Binary) {
    eventually("the process logs the signal", || process.logs().contains("\"stopping\"").then_some(()));
}

#[test]
fn either_signal_stops_the_process_with_exit_code_0() {
    for signal in ["TERM", "INT"] {
        let dir = test_dir();
        let mut process = dir.serve();
        create(&ada(&mut process), "Ada");
        let mut idle = Wire::to(process.client().address());
        idle.send(LIVE);
        let _ = idle.answer().expect(200);
        let start = Instant::now();
        process.signal(signal);
        assert_eq!(process.ended().code(), Some(0), "{signal}");
        idle.expect_closed();
        assert!(start.elapsed().as_secs() < 4, "the process waited for an idle connection");
        // A database that was closed has no WAL.
        assert!(!dir.path("store-wal").exists());
    }
}

#[test]
fn request_in_flight_is_finished_after_the_signal() {
    let dir = test_dir();
    let mut process = dir.serve();
    let address = process.client().address();
    let mut wire = half_a_request(&mut process);
    process.signal("TERM");
    wait_until_stopping(&process);
    eventually("the listener closes", || TcpStream::connect(address).err().map(drop));
    wire.send(":\"Ada\"}");
    let answer = wire.answer().expect(201);
    assert_eq!(answer.header("connection"), Some("close"));
    wire.expect_closed();
    assert_eq!(process.ended().code(), Some(0));
    assert_eq!(ada(&mut dir.serve()).get("/persons/1").expect(200).json()["name"], "Ada");
}

#[test]
fn readiness_fails_while_the_service_drains() {
    let dir = test_dir().with("DRAIN_SECONDS", "2");
    let mut process = dir.serve();
    let client = ada(&mut process);
    process.signal("TERM");
    wait_until_stopping(&process);
    client.get("/readyz").expect_problem(503, "not-ready");
    // Clients that a balancer still sends here are served, on new connections too.
    create(&client, "Ada");
    assert_eq!(process.ended().code(), Some(0));
    assert_eq!(
        ada(&mut dir.serve_with(&[("DRAIN_SECONDS", "0")])).get("/persons/1").expect(200).json()["name"],
        "Ada"
    );
}

#[test]
fn unfinished_request_delays_the_stop_by_five_seconds() {
    let dir = test_dir();
    let mut process = dir.serve();
    let _held = half_a_request(&mut process);
    let start = Instant::now();
    process.signal("TERM");
    assert_eq!(process.ended().code(), Some(0));
    let seconds = start.elapsed().as_secs();
    assert!(seconds >= 4, "the request had no time to finish");
    // The limit on a body is ten seconds, and so is that of `docker stop`.
    assert!(seconds < 9, "the process waited for the body");
}

#[test]
fn second_signal_ends_the_process_at_once() {
    for signals in [["TERM", "TERM"], ["INT", "TERM"]] {
        let dir = test_dir();
        let mut process = dir.serve();
        let mut held = half_a_request(&mut process);
        let start = Instant::now();
        process.signal(signals[0]);
        wait_until_stopping(&process);
        process.signal(signals[1]);
        assert_eq!(process.ended().code(), Some(130), "{}", process.logs());
        assert!(start.elapsed().as_secs() < 4, "the process waited for the request");
        let last = process.logs().lines().last().map(str::to_owned);
        assert_eq!(last.as_deref(), Some("person: second stop signal: exiting immediately"));
        assert!(held.rest().is_empty());
    }
}

#[test]
fn unread_log_blocks_neither_answers_nor_the_stop() {
    let free =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let dir = test_dir().with("PERSON_LISTEN", &free.to_string());
    let pipe = dir.text("pipe");
    // The pipe is open for reading too, so writing to a full pipe waits instead of failing.
    let mut process = dir.serve_after(&format!("mkfifo {pipe} && exec 2<>{pipe}"));
    let client = Client::new(free);
    eventually("the service answers", || client.call("GET", "/livez").try_send().ok());
    // More than a pipe holds.
    for _ in 0..100 {
        let _ = client.get(&format!("/{}", "x".repeat(1500))).expect(404);
    }
    process.signal("TERM");
    assert_eq!(process.ended().code(), Some(0));
}
