//! Properties of every `Authorization` header.

use hyper::header::HeaderValue;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn read(value: HeaderValue) -> Option<String> {
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    bearer(&headers).ok().map(|token| token.expect("there is a header").to_owned())
}

proptest! {
    #[test]
    fn the_scheme_is_case_insensitive(
        scheme in "[Bb][Ee][Aa][Rr][Ee][Rr]", token in "[!-~]{1,40}",
    ) {
        let value = HeaderValue::from_str(&format!("{scheme} {token}")).unwrap();
        prop_assert_eq!(read(value), Some(token));
    }

    #[test]
    fn no_other_form_is_a_token(
        bytes in prop_oneof![vec(any::<u8>(), 0..40), "[Bb]earer[ ,\t=]{0,2}[a-z.]{0,4}[ ,]{0,1}[a-z]{0,2}".prop_map(String::into_bytes)],
    ) {
        let Ok(value) = HeaderValue::from_bytes(&bytes) else { return Ok(()) };
        if let Some(token) = read(value) {
            prop_assert!(!token.is_empty() && !token.contains(' '));
            let given = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(&given[7..], &token);
            prop_assert!(given[..7].eq_ignore_ascii_case("bearer "));
        }
    }
}
