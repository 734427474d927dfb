//! How the process stops.

use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use testkit::{Binary, Client, Wire, eventually, tokens};

use crate::lab::{LIVE, create, place, post_head};

/// A request whose body is still to come.
fn half_a_request(service: &mut Binary) -> Wire {
    let client = service.client();
    let mut wire = Wire::to(client.address());
    wire.send(format!("{}Content-Length: 14\r\n\r\n{{\"name\"", post_head()));
    eventually("the request is in flight", || {
        let metrics = client.get("/metrics").text();
        metrics.contains("http_requests_in_flight 2").then_some(())
    });
    wire
}

fn wait_until_told(service: &Binary) {
    eventually("the signal has come", || service.logs().contains("\"stopping\"").then_some(()));
}

#[test]
fn either_signal_stops_it_with_exit_0() {
    for signal in ["TERM", "INT"] {
        let place = place();
        let mut service = place.serve();
        create(&service.client().with_token(&tokens::user("ada")), "Ada");
        let mut idle = Wire::to(service.client().address());
        idle.send(LIVE);
        let _ = idle.answer().expect(200);
        let start = Instant::now();
        service.signal(signal);
        assert_eq!(service.ended().code(), Some(0), "{signal}");
        // An idle connection is closed, not waited for.
        idle.expect_closed();
        assert!(start.elapsed().as_secs() < 4, "an idle connection held it up");
        // A store that was closed cleanly leaves no WAL behind.
        assert!(!place.path("store-wal").exists());
    }
}

#[test]
fn a_request_in_flight_is_finished_after_the_signal() {
    let place = place();
    let mut service = place.serve();
    let address = service.client().address();
    let mut wire = half_a_request(&mut service);
    service.signal("TERM");
    wait_until_told(&service);
    eventually("the listener closes", || TcpStream::connect(address).err().map(drop));
    wire.send(":\"Ada\"}");
    let answer = wire.answer().expect(201);
    assert_eq!(answer.header("connection"), Some("close"));
    wire.expect_closed();
    assert_eq!(service.ended().code(), Some(0));
    let mut again = place.serve();
    assert_eq!(
        again.client().with_token(&tokens::user("ada")).get("/persons/1").expect(200).json()["name"],
        "Ada"
    );
}

#[test]
fn a_connection_that_is_open_learns_that_the_service_is_not_ready_any_more() {
    let place = place();
    let mut service = place.serve();
    let mut wire = Wire::to(service.client().address());
    let head = "GET /readyz HTTP/1.1\r\nHost: a\r\n";
    wire.send(head);
    // The head is begun once the service has read it; another connection's answer comes after that.
    let held = half_a_request(&mut service);
    service.signal("TERM");
    wait_until_told(&service);
    // Either the end of the head is still read and answered, or the connection was closed as idle.
    if wire.try_send("\r\n").is_ok() {
        let answer = String::from_utf8(wire.rest()).expect("text");
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 503 "), "{answer}");
    }
    drop(held);
    assert_eq!(service.ended().code(), Some(0));
}

#[test]
fn a_request_that_never_ends_is_waited_for_five_seconds() {
    let place = place();
    let mut service = place.serve();
    let _held = half_a_request(&mut service);
    let start = Instant::now();
    service.signal("TERM");
    assert_eq!(service.ended().code(), Some(0));
    assert!(start.elapsed().as_secs() >= 4, "the request had no time to finish");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for signals in [["TERM", "TERM"], ["INT", "TERM"]] {
        let place = place();
        let mut service = place.serve();
        let _held = half_a_request(&mut service);
        let start = Instant::now();
        service.signal(signals[0]);
        wait_until_told(&service);
        service.signal(signals[1]);
        assert!(!service.ended().success(), "{}", service.logs());
        assert!(start.elapsed().as_secs() < 4, "it waited for the request");
        assert!(service.logs().contains("told twice"), "{}", service.logs());
    }
}

#[test]
fn a_log_that_nobody_reads_keeps_it_neither_from_answering_nor_from_stopping() {
    let free =
        TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let place = place().with("PERSON_LISTEN", &free.to_string());
    let pipe = place.text("pipe");
    // Open for reading as well, so that writing to it waits instead of failing once it is full.
    let mut service = place.serve_after(&format!("mkfifo {pipe} && exec 2<>{pipe}"));
    let client = Client::new(free);
    eventually("it answers", || client.call("GET", "/livez").try_send().ok());
    // More than a pipe holds.
    for _ in 0..100 {
        let _ = client.get(&format!("/{}", "x".repeat(1500))).expect(404);
    }
    service.signal("TERM");
    assert_eq!(service.ended().code(), Some(0));
}
