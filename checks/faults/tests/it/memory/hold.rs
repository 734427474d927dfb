//! What the connections do: each makes a service keep bytes and costs its client next to nothing.

/// What one attack sends.
pub(super) struct Hold {
    pub(super) what: &'static str,
    pub(super) services: &'static [&'static str],
    /// Sent once on each connection; `{token}` is Ada's.
    pub(super) head: String,
    /// Sent on each connection after that, as a segment of its own.
    pub(super) round: String,
    pub(super) rounds: usize,
}

const ALL: &[&str] = &["auth", "person", "health"];

/// Returns the attacks. The last byte of a body is never sent.
pub(super) fn all() -> Vec<Hold> {
    let log_in = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let create = "POST /persons HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let anonymous = "PUT /health/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    let with_token = |head: &str| format!("{head}Authorization: Bearer {{token}}\r\n");
    let record = with_token(anonymous);
    let bodies = [(log_in.to_owned(), "auth"), (with_token(create), "person"), (record, "health")];
    let mut holds = Vec::new();
    for (head, service) in &bodies {
        let services = match *service {
            "auth" => &ALL[..1],
            "person" => &ALL[1..2],
            _ => &ALL[2..],
        };
        let body = |what, framing: &str, round: &str, rounds| Hold {
            what,
            services,
            head: format!("{head}{framing}\r\n\r\n"),
            round: round.to_owned(),
            rounds,
        };
        let length = "Content-Length: 65536";
        holds.push(body("bodies byte by byte", length, "x", 100));
        holds.push(body("whole bodies", length, &"x".repeat(65_535), 1));
        holds.push(body("chunks of a byte", "Transfer-Encoding: chunked", "1\r\nx\r\n", 100));
        let trailers = "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0";
        holds.push(body("trailers without end", trailers, &format!("X: {}\r\n", "y".repeat(1000)), 15));
    }
    let everywhere = |what, head: &str, round: &str, rounds| Hold {
        what,
        services: ALL,
        head: head.to_owned(),
        round: round.to_owned(),
        rounds,
    };
    let unread = "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    holds.push(everywhere("bodies that nobody reads", unread, &"x".repeat(100_000), 9));
    holds.push(everywhere(
        "heads without end",
        "GET /livez HTTP/1.1\r\n",
        &format!("X: {}\r\n", "y".repeat(1000)),
        15,
    ));
    let document = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
    holds.push(everywhere("answers that nobody reads", "", &document.repeat(30), 1));
    let metrics = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    holds.push(everywhere("metrics that nobody reads", "", &metrics.repeat(30), 1));
    let pages = "GET /persons?limit=1000 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n";
    holds.push(Hold {
        services: &ALL[1..2],
        ..everywhere("pages that nobody reads", &pages.repeat(20), "", 0)
    });
    holds
}
