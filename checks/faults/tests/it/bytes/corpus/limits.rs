//! As much as there may be, and one more.

use super::Entry;
use super::Then::{self, Closes, GoesOn};

/// Each limit of the contract, from both sides.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let get = |target: &str, fields: &str| format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
    let target = |length: usize| format!("/{}", "a".repeat(length - 1));
    let post = |body: String| format!("{{post}}Content-Length: {}\r\n\r\n{body}", body.len());
    let padded = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    let nested = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
    let chunks = |body: String| {
        let chunks = body
            .as_bytes()
            .chunks(4096)
            .map(|chunk| format!("{:x}\r\n{}\r\n", chunk.len(), String::from_utf8_lossy(chunk)));
        format!("{{post}}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunks.collect::<String>())
    };
    let one_field = |length: usize| format!("X: {}\r\n", "a".repeat(length));
    let table: Vec<(&str, String, &[u16], Then)> = vec![
        ("a target of 2 KiB", get(&target(2048), ""), &[404], GoesOn),
        ("a target over 2 KiB", get(&target(2049), ""), &[414], Closes),
        ("a query over 2 KiB", get(&format!("/livez?{}", "a".repeat(2048)), ""), &[414], Closes),
        ("a target over the whole head", get(&target(9000), ""), &[431], Closes),
        ("a target over 64 KiB", get(&target(70_000), ""), &[431], Closes),
        ("a method over the whole head", get("/", "").replace("GET", &"G".repeat(9000)), &[431], Closes),
        ("a head of nearly 8 KiB", get("/livez", &one_field(8100)), &[200], GoesOn),
        ("a head over 8 KiB", get("/livez", &one_field(8192)), &[431], Closes),
        ("a head over 8 KiB in many lines", get("/livez", &one_field(1000).repeat(9)), &[431], Closes),
        ("a name over 8 KiB", get("/livez", &format!("{}: x\r\n", "X".repeat(8192))), &[431], Closes),
        ("64 fields", get("/livez", &"X: y\r\n".repeat(63)), &[200], GoesOn),
        ("65 fields", get("/livez", &"X: y\r\n".repeat(64)), &[431], Closes),
        ("a thousand fields", get("/livez", &"X: y\r\n".repeat(1000)), &[431], Closes),
        ("a body of 64 KiB", post(padded(64 * 1024)), &[422], GoesOn),
        ("chunks of 64 KiB", chunks(padded(64 * 1024)), &[422], Closes),
        ("chunks over 64 KiB", chunks(padded(64 * 1024 + 1)), &[413], Closes),
        ("16 levels", post(nested(16)), &[422], GoesOn),
        ("17 levels", post(nested(17)), &[400], GoesOn),
        ("30,000 levels", post(nested(30_000)), &[400], GoesOn),
        ("30,000 levels that are never closed", post("[".repeat(30_000)), &[400], GoesOn),
        ("30,000 objects that are never closed", post("{\"\":".repeat(15_000)), &[400], GoesOn),
        ("5,000 unknown members", post(members(5000)), &[422], GoesOn),
        (
            "the same member 10,000 times",
            post(format!("{{{}\"a\":0}}", "\"a\":0,".repeat(9999))),
            &[422],
            GoesOn,
        ),
        ("a number of 60,000 digits", post(format!("{{\"a\":{}}}", "9".repeat(60_000))), &[422], GoesOn),
        (
            "an announcement of 8 EiB",
            "{post}Content-Length: 9223372036854775808\r\n\r\n{}".into(),
            &[413],
            Closes,
        ),
        // hyper itself refuses the last few lengths, with this status.
        (
            "an announcement of 16 EiB",
            "{post}Content-Length: 18446744073709551615\r\n\r\n{}".into(),
            &[431],
            Closes,
        ),
        ("an announcement of 64 KiB and one", "{post}Content-Length: 65537\r\n\r\n{}".into(), &[413], Closes),
        (
            "a token over the whole head",
            get("/livez", &format!("Authorization: Bearer {}\r\n", "a".repeat(9000))),
            &[431],
            Closes,
        ),
        ("empty lines without an end", "\r\n".repeat(20_000), &[431], Closes),
        (
            "a chunk extension without an end",
            format!("{{post}}Transfer-Encoding: chunked\r\n\r\n2;{}", "x".repeat(70_000)),
            &[400],
            Closes,
        ),
        (
            "trailers without an end",
            format!(
                "{{post}}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n{}",
                "X: y\r\n".repeat(20_000)
            ),
            &[400],
            Closes,
        ),
    ];
    table.into_iter().map(|(what, text, answers, then)| Entry {
        what: what.to_owned(),
        bytes: text.into_bytes(),
        answers: answers.to_vec(),
        then,
    })
}

fn members(count: usize) -> String {
    let members: Vec<String> = (0..count).map(|number| format!("\"{number}\":0")).collect();
    format!("{{{}}}", members.join(","))
}
