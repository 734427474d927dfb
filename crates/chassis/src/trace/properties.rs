//! Properties of every `traceparent`.

use hyper::header::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn trace(value: HeaderValue) -> Trace {
    Trace::of(&HeaderMap::from_iter([(hyper::header::HeaderName::from_static("traceparent"), value)]))
}

proptest! {
    #[test]
    fn a_valid_one_is_kept(trace_id in "[0-9a-f]{31}[1-9a-f]", parent in "[1-9a-f][0-9a-f]{15}", flags in "[0-9a-f]{2}") {
        let given = format!("00-{trace_id}-{parent}-{flags}");
        let kept = trace(HeaderValue::from_str(&given).unwrap());
        prop_assert_eq!(kept.traceparent(), &given);
        prop_assert_eq!(kept.id(), trace_id);
    }

    #[test]
    fn the_one_passed_on_is_always_valid(
        given in prop_oneof![
            vec(any::<u8>(), 0..80),
            // Valid except for one or two parts.
            "00-(0{32}|[0-9a-f]{31,33}|[0-9a-fA-F]{32})-(0{16}|[0-9a-f]{15,17})-[0-9a-f][0-9a-g](-x)?"
                .prop_map(String::into_bytes),
        ],
    ) {
        let Ok(value) = HeaderValue::from_bytes(&given) else { return Ok(()) };
        let passed_on = trace(value);
        let parts: Vec<&str> = passed_on.traceparent().split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        prop_assert_eq!(lengths, [2, 32, 16, 2]);
        let valid = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b) || b == b'-';
        prop_assert!(passed_on.traceparent().bytes().all(valid));
        prop_assert!(parts[1] != "0".repeat(32) && parts[2] != "0".repeat(16));
    }
}
