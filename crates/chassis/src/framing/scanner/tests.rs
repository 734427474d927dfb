use super::*;

/// Returns the bytes that hyper would see and the refusal, checking pieces of every size.
fn seen(wire: &str) -> (String, Option<Refusal>) {
    let whole = in_pieces(wire, wire.len());
    for size in 1..wire.len() {
        let (bytes, refusal) = in_pieces(wire, size);
        assert_eq!(refusal, whole.1, "pieces of {size}");
        // The lines that a refusal adds must begin a line.
        assert!(refusal != Some(Refusal::Coding) || bytes.ends_with('\n'), "pieces of {size}: {bytes:?}");
    }
    whole
}

fn in_pieces(wire: &str, size: usize) -> (String, Option<Refusal>) {
    let (mut scanner, mut seen) = (Scanner::default(), Vec::new());
    let mut refusal = None;
    for piece in wire.as_bytes().chunks(size) {
        let (mut piece, withheld) = (piece.to_vec(), scanner.withheld());
        let (passed, refused) = scanner.pass(&mut piece);
        assert!(refusal.is_none() || passed == 0, "bytes behind a refusal");
        if passed > 0 {
            seen.extend_from_slice(withheld);
        }
        seen.extend_from_slice(&piece[..passed]);
        refusal = refusal.or(refused);
    }
    (String::from_utf8(seen).unwrap(), refusal)
}

#[test]
fn valid_requests_pass_with_any_body() {
    for wire in [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\n\n\n\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n0A;a=\"b\"\r\n0123456789\r\n0\r\nX: y\r\n\r\n",
    ] {
        assert_eq!(seen(wire), (wire.to_owned(), None));
    }
}

#[test]
fn a_bare_line_feed_in_any_head_is_rejected() {
    for wire in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET / HTTP/1.1\n\r\n",
    ] {
        assert_eq!(seen(wire).1, Some(Refusal::Head), "{wire:?}");
    }
}

#[test]
fn a_fragment_and_the_preface_of_http_2_are_rejected() {
    assert_eq!(seen("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").1, Some(Refusal::Head));
    assert_eq!(seen("GET /livez#top HTTP/1.1\r\n\r\n").1, Some(Refusal::Head));
}

#[test]
fn two_body_lengths_are_rejected_in_either_order() {
    for wire in [
        "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nX: y\r\nCONTENT-LENGTH: 4\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\nContent-Length: 4\r\n\r\n",
    ] {
        assert_eq!(seen(wire).1, Some(Refusal::Head), "{wire:?}");
    }
}

#[test]
fn a_coding_other_than_one_chunked_is_rejected() {
    for codings in [
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    ] {
        assert_eq!(
            seen(&format!("POST / HTTP/1.1\r\n{codings}\r\n\r\n")).1,
            Some(Refusal::Coding),
            "{codings:?}"
        );
    }
    let addition = format!("Transfer-Encoding: {REFUSED_CODING}\r\n\r\n");
    assert_eq!(Refusal::Coding.bytes(), addition.as_bytes());
}

#[test]
fn a_chunk_is_framed_exactly() {
    for body in [
        "0 \r\n\r\n",
        " 0\r\n\r\n",
        "0x0\r\n\r\n",
        "-0\r\n\r\n",
        "\r\n0\r\n\r\n",
        "0\n\r\n",
        "0\r\n\n",
        "0\r\nX: y\n\r\n",
        "0\r\nX: y\r\n\n",
        "0\r\nX: y\rZ\r\n\r\n",
        "1\r\nxx\r\n0\r\n\r\n",
        "1\r\nx\n0\r\n\r\n",
        "1;\0\r\nx\r\n0\r\n\r\n",
        "1;a\rb\r\nx\r\n0\r\n\r\n",
        "10000000000000000\r\n",
    ] {
        let wire = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_eq!(seen(&wire).1, Some(Refusal::Chunk), "{body:?}");
    }
}

#[test]
fn a_length_beyond_any_body_keeps_18_digits() {
    for (length, kept) in [
        ("18446744073709551615", "184467440737095516  "),
        ("0018446744073709551615", "00184467440737095516  "),
        ("99999999999999999999999", "999999999999999999     "),
        ("000000000000000000000014", "000000000000000000000014"),
        ("123456789012345678", "123456789012345678"),
    ] {
        let wire = format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
        for size in 1..wire.len() {
            let (head, refusal) = in_pieces(&wire, size);
            assert_eq!((head, refusal), (wire.replace(length, kept), None), "pieces of {size}");
        }
    }
}
