//! The three parts of a token, encoded or joined differently.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use super::{FORM, MALFORMED, Row, SIGNATURE, TYPE, row};
use crate::tokens::maker::{Maker, encode, hs256, with};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TOO_LONG: &str = "it is over 4096 bytes";

pub(super) fn rows(maker: &Maker) -> Vec<Row> {
    [base64(maker), parts(maker), jose(maker), sizes(maker)].concat()
}

/// Encodings that a lenient decoder accepts.
fn base64(maker: &Maker) -> Vec<Row> {
    // With this length the last character has unused bits.
    let unaligned = |object: &Value| {
        let texts = (0..3).map(|length| with(object, "x", json!("x".repeat(length))).to_string());
        texts.into_iter().find(|text| text.len() % 3 == 1).expect("one of three lengths")
    };
    let (header, claims) = (unaligned(&maker.header), unaligned(&maker.claims));
    let (h, c) = (encode(&header), encode(&claims));
    let sign = |h: &str, c: &str| hs256(&format!("{h}.{c}"), &maker.key);
    let good = sign(&h, &c);
    let (parts, signature) = good.rsplit_once('.').expect("three parts");
    // These texts contain the two characters in which base64url differs from base64.
    let odd = |object: &Value| encode(with(object, "x", json!("?>~~~???>>>")).to_string());
    let letter = signature.find(|sign: char| sign.is_ascii_alphabetic()).expect("a letter");
    let (before, rest) = signature.split_at(letter);
    let other_case = format!("{before}{}{}", char::from(rest.as_bytes()[0] ^ 0x20), &rest[1..]);
    let mut signed = (0..).map(|jti| maker.with_claim("jti", jti.to_string()));
    let odd_signature = signed
        .find(|token| token.rsplit('.').next().is_some_and(|part| part.contains(['-', '_'])))
        .expect("two thirds of the signatures");
    let (odd_parts, odd_signature) = odd_signature.rsplit_once('.').expect("three parts");
    let mut rows = vec![
        row("header padded", sign(&URL_SAFE.encode(&header), &c), MALFORMED),
        row("claims padded", sign(&h, &URL_SAFE.encode(&claims)), MALFORMED),
        row("signature padded", format!("{good}="), MALFORMED),
        row("unused bits set in the header", sign(&set_unused_bit(&h), &c), MALFORMED),
        row("unused bits set in the claims", sign(&h, &set_unused_bit(&c)), MALFORMED),
        row("unused bits set in the signature", format!("{parts}.{}", set_unused_bit(signature)), MALFORMED),
        row("header in standard base64", sign(&standard(&odd(&maker.header)), &c), MALFORMED),
        row("claims in standard base64", sign(&h, &standard(&odd(&maker.claims))), MALFORMED),
        row("signature in standard base64", format!("{odd_parts}.{}", standard(odd_signature)), MALFORMED),
        row("a byte too many in the signature", format!("{good}A"), SIGNATURE),
        row("two characters less in the signature", &good[..good.len() - 2], MALFORMED),
        row("a letter of the signature in the other case", format!("{parts}.{other_case}"), SIGNATURE),
        row("the signature in hexadecimal", format!("{parts}.{}", "ab".repeat(32)), SIGNATURE),
        row("a signature of zeros", format!("{parts}.{}", encode([0; 32])), SIGNATURE),
    ];
    // Some decoders skip these; a header field with a character beyond ASCII holds no token.
    for noise in ["\t", "%20", "*", "~", ",", ";", "\"", "é"] {
        let reason = if noise.is_ascii() { MALFORMED } else { FORM };
        let in_header = good.replacen("ey", &format!("ey{noise}"), 1);
        rows.push(row(format!("`{noise}` in the header"), in_header, reason));
        rows.push(row(format!("`{noise}` in the signature"), format!("{parts}.{noise}{signature}"), reason));
        rows.push(row(format!("`{noise}` at the end"), format!("{good}{noise}x"), reason));
    }
    rows
}

/// Returns an encoding that a decoder reads as the same bytes if it ignores the unused bits.
fn set_unused_bit(encoded: &str) -> String {
    let (rest, last) = encoded.split_at(encoded.len() - 1);
    let at = ALPHABET.iter().position(|letter| *letter == last.as_bytes()[0]).expect("base64url");
    format!("{rest}{}", char::from(ALPHABET[at + 1]))
}

/// Returns the same bytes in standard base64.
fn standard(encoded: &str) -> String {
    let standard = encoded.replace('-', "+").replace('_', "/");
    assert_ne!(standard, encoded, "the two alphabets give different texts");
    standard
}

/// Too few parts, too many, in another order, or with other separators.
fn parts(maker: &Maker) -> Vec<Row> {
    let good = maker.good();
    let [h, c, s] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    vec![
        row("one part", h, MALFORMED),
        row("two parts", format!("{h}.{c}"), MALFORMED),
        row("four parts", format!("{good}.{s}"), MALFORMED),
        row("an empty fourth part", format!("{good}."), MALFORMED),
        row("an empty first part", format!(".{good}"), MALFORMED),
        row("no header", format!(".{c}.{s}"), MALFORMED),
        row("no claims", format!("{h}..{s}"), SIGNATURE),
        row("no claims, signed", hs256(&format!("{h}."), &maker.key), MALFORMED),
        row("two dots", "..", MALFORMED),
        row("a dot", ".", MALFORMED),
        row("two headers", format!("{h}.{h}.{s}"), SIGNATURE),
        row("claims first", format!("{c}.{h}.{s}"), TYPE),
        row("colons for dots", good.replace('.', ":"), MALFORMED),
        row("escaped dots", good.replace('.', "%2E"), MALFORMED),
        row("twice", good.repeat(2), MALFORMED),
        row("encoded twice", encode(&good), MALFORMED),
        row("a word", "nonsense", MALFORMED),
        row("null", "null", MALFORMED),
    ]
}

/// Other formats with the same parts (RFC 7515, 7516 and 7519, PASETO).
fn jose(maker: &Maker) -> Vec<Row> {
    let good = maker.good();
    let [h, c, s] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let flat = json!({"payload": c, "protected": h, "signature": s});
    let general = json!({"payload": c, "signatures": [{"protected": h, "signature": s}]});
    let jwe = json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt", "kid": "test"});
    let nested = with(&maker.header, "cty", json!("JWT")).to_string();
    let encrypted = |header: &Value| {
        format!("{}..{}.{c}.{}", encode(header.to_string()), encode([0; 12]), encode([0; 16]))
    };
    let unsigned = encode(r#"{"alg":"none","typ":"JWT"}"#);
    vec![
        row("flattened JSON", flat.to_string(), MALFORMED),
        row("general JSON", general.to_string(), MALFORMED),
        row("JWE", encrypted(&jwe), MALFORMED),
        row("JWE under the header of a JWS", encrypted(&maker.header), MALFORMED),
        row("a token in a token", maker.signed(nested, &good), MALFORMED),
        row("PASETO", format!("v4.local.{}", encode(&good)), MALFORMED),
        row("unsigned, typ JWT", format!("{unsigned}.{c}."), TYPE),
    ]
}

fn sizes(maker: &Maker) -> Vec<Row> {
    let padded = |length: usize| maker.with_claim("padding", "x".repeat(length));
    let over = (0..).map(padded).find(|token| token.len() > 4096).expect("they grow");
    assert!(over.len() <= 4098, "the shortest token over the limit");
    vec![
        row("just over 4,096 bytes", over, TOO_LONG),
        row("6,000 bytes", padded(4000), TOO_LONG),
        row("6,000 letters", "A".repeat(6000), TOO_LONG),
        row("6,000 dots", ".".repeat(6000), TOO_LONG),
    ]
}
