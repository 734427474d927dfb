//! The three parts of a token, encoded or put together in other ways.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::json;

use super::{FORM, Forgery, MALFORMED, SIGNATURE, TYPE, token};
use crate::tokens::maker::{Maker, encode, hs256, with};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const TOO_LONG: &str = "it is over 4096 bytes";

pub(super) fn all(maker: &Maker) -> Vec<Forgery> {
    [base64(maker), parts(maker), forms_of_jose(maker), sizes(maker)].into_iter().flatten().collect()
}

/// What a lenient decoder reads as the same bytes.
fn base64(maker: &Maker) -> Vec<Forgery> {
    // Its length is not a multiple of three, so that its last character has bits to spare.
    let header = (0..3)
        .map(|length| with(&maker.header, "x", json!("x".repeat(length))).to_string())
        .find(|header| header.len() % 3 == 1)
        .expect("one of three lengths");
    let claims = (0..3)
        .map(|length| with(&maker.claims, "x", json!("x".repeat(length))).to_string())
        .find(|claims| claims.len() % 3 == 1)
        .expect("one of three lengths");
    let (h, c) = (encode(&header), encode(&claims));
    let sign = |h: &str, c: &str| hs256(&format!("{h}.{c}"), &maker.key);
    let good = sign(&h, &c);
    let (parts, signature) = good.rsplit_once('.').expect("three parts");
    let standard = STANDARD.encode(b"\xfb\xef\xff");
    assert_eq!(standard, "++//", "the characters that base64url has not");
    let mut all = vec![
        token("header padded", sign(&URL_SAFE.encode(&header), &c), MALFORMED),
        token("claims padded", sign(&h, &URL_SAFE.encode(&claims)), MALFORMED),
        token("signature padded", format!("{good}="), MALFORMED),
        token("bits to spare in the header", sign(&next_of_last(&h), &c), MALFORMED),
        token("bits to spare in the claims", sign(&h, &next_of_last(&c)), MALFORMED),
        token("bits to spare in the signature", format!("{parts}.{}", next_of_last(signature)), MALFORMED),
        token("a byte too many in the signature", format!("{good}A"), SIGNATURE),
        token("two characters short of the signature", good[..good.len() - 2].to_owned(), MALFORMED),
        token("the signature in hexadecimal", format!("{parts}.{}", "ab".repeat(32)), SIGNATURE),
        token("the signature of something else", format!("{parts}.{}", encode([0; 32])), SIGNATURE),
        token("a letter of the signature in the other case", other_case(parts, signature), SIGNATURE),
        token("header in standard base64", in_standard(maker, true), MALFORMED),
        token("claims in standard base64", in_standard(maker, false), MALFORMED),
        token("signature in standard base64", signature_in_standard(maker), MALFORMED),
    ];
    // What some decoders skip; beyond ASCII it is no header value that a token could be in.
    for noise in ["\t", "%20", "*", "~", ",", ";", "\"", "é"] {
        let reason = if noise.is_ascii() { MALFORMED } else { FORM };
        for (place, forged) in [
            ("header", good.replacen("ey", &format!("ey{noise}"), 1)),
            ("signature", format!("{parts}.{noise}{signature}")),
            ("end", format!("{good}{noise}x")),
        ] {
            all.push(token(format!("`{noise}` in the {place}"), forged, reason));
        }
    }
    all
}

fn other_case(parts: &str, signature: &str) -> String {
    let at = signature.find(|sign: char| sign.is_ascii_alphabetic()).expect("a letter among 43 signs");
    let swapped = char::from(signature.as_bytes()[at] ^ 0x20);
    format!("{parts}.{}{swapped}{}", &signature[..at], &signature[at + 1..])
}

/// The same bytes to whoever ignores the bits that the last character has to spare.
fn next_of_last(encoded: &str) -> String {
    let (rest, last) = encoded.split_at(encoded.len() - 1);
    let at = ALPHABET.iter().position(|letter| *letter == last.as_bytes()[0]).expect("base64url");
    format!("{rest}{}", char::from(ALPHABET[at + 1]))
}

/// With a part in which the two alphabets differ, in the one that is not a token's.
fn in_standard(maker: &Maker, header: bool) -> String {
    let odd = "?>~~~???>>>";
    let (mut first, mut second) =
        (with(&maker.header, "x", json!(odd)).to_string(), maker.claims.to_string());
    if !header {
        (first, second) = (maker.header.to_string(), with(&maker.claims, "x", json!(odd)).to_string());
    }
    let swap = |text: String| text.replace('-', "+").replace('_', "/");
    let (h, c) = (encode(first), encode(second));
    let (h, c) = if header { (swap(h), c) } else { (h, swap(c)) };
    assert!([&h, &c].iter().any(|part| part.contains(['+', '/'])), "the alphabets differ in it");
    hs256(&format!("{h}.{c}"), &maker.key)
}

fn signature_in_standard(maker: &Maker) -> String {
    let mut tokens = (0..).map(|jti| maker.with_claim("jti", jti.to_string()));
    let differs = |token: &String| token.rsplit('.').next().is_some_and(|part| part.contains(['-', '_']));
    let good = tokens.find(differs).expect("two in three have one");
    let (parts, signature) = good.rsplit_once('.').expect("three parts");
    format!("{parts}.{}", signature.replace('-', "+").replace('_', "/"))
}

/// Too few, too many, in another order, between other signs.
fn parts(maker: &Maker) -> Vec<Forgery> {
    let good = maker.good();
    let [h, c, s] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    vec![
        token("one part", h.to_owned(), MALFORMED),
        token("two parts", format!("{h}.{c}"), MALFORMED),
        token("four parts", format!("{good}.{s}"), MALFORMED),
        token("an empty fourth part", format!("{good}."), MALFORMED),
        token("an empty first part", format!(".{good}"), MALFORMED),
        token("no header", format!(".{c}.{s}"), MALFORMED),
        token("no claims", format!("{h}..{s}"), SIGNATURE),
        token("no claims, signed so", hs256(&format!("{h}."), &maker.key), MALFORMED),
        token("dots alone", "..".to_owned(), MALFORMED),
        token("a dot", ".".to_owned(), MALFORMED),
        token("two headers", format!("{h}.{h}.{s}"), SIGNATURE),
        token("claims first", format!("{c}.{h}.{s}"), TYPE),
        token("colons for dots", good.replace('.', ":"), MALFORMED),
        token("escaped dots", good.replace('.', "%2E"), MALFORMED),
        token("twice", format!("{good}{good}"), MALFORMED),
        token("encoded once more", encode(&good), MALFORMED),
        token("no token", "nonsense".to_owned(), MALFORMED),
        token("null", "null".to_owned(), MALFORMED),
    ]
}

/// What else RFC 7515, 7516 and 7519 make of the same parts.
fn forms_of_jose(maker: &Maker) -> Vec<Forgery> {
    let good = maker.good();
    let [h, c, s] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let one = json!({"protected": h, "signature": s});
    let flat = json!({"payload": c, "protected": h, "signature": s});
    let general = json!({"payload": c, "signatures": [one]});
    let jwe = json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt", "kid": "test"});
    let nested = with(&maker.header, "cty", json!("JWT")).to_string();
    let jwe_of =
        |header: String| format!("{}..{}.{}.{}", encode(header), encode([0; 12]), c, encode([0; 16]));
    vec![
        token("JSON serialization, flattened", flat.to_string(), MALFORMED),
        token("JSON serialization, general", general.to_string(), MALFORMED),
        token("JWE", jwe_of(jwe.to_string()), MALFORMED),
        token("JWE under the header of a JWS", jwe_of(maker.header.to_string()), MALFORMED),
        token("a token in a token", maker.signed(nested, &good), MALFORMED),
        token("detached claims", format!("{h}..{s}"), SIGNATURE),
        token("as PASETO", format!("v4.local.{}", encode(&good)), MALFORMED),
        token(
            "not signed by anybody, typ JWT",
            format!("{}.{c}.", encode(r#"{"alg":"none","typ":"JWT"}"#)),
            TYPE,
        ),
    ]
}

fn sizes(maker: &Maker) -> Vec<Forgery> {
    let with_padding = |length: usize| maker.with_claim("padding", "x".repeat(length));
    let over = (0..).map(with_padding).find(|token| token.len() > 4096).expect("they grow");
    assert!(over.len() <= 4098, "the shortest that is too long");
    vec![
        token("just over 4,096 bytes", over, TOO_LONG),
        token("6,000 bytes", with_padding(4000), TOO_LONG),
        token("6,000 bytes of nothing", "A".repeat(6000), TOO_LONG),
        token("6,000 dots", ".".repeat(6000), TOO_LONG),
    ]
}
