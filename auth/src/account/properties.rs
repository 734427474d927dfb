//! Properties of every username and password.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_documented_username_is_accepted(text in "[a-z0-9][a-z0-9._-]{1,31}") {
        prop_assert_eq!(Username::parse(&text).unwrap(), Username(text));
    }

    #[test]
    fn no_other_text_is_a_username(text in prop_oneof!["(?s).{0,40}", "[a-zA-Z0-9._ -]{0,40}"]) {
        let documented = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        let form = (2..=32).contains(&text.len()) && text.bytes().all(documented) && !text.starts_with(['.', '_', '-']);
        prop_assert_eq!(Username::parse(&text).is_ok(), form, "{:?}", text);
    }

    #[test]
    fn a_password_is_measured_in_bytes(text in "(?s).{0,300}") {
        let form = normalized(&text);
        prop_assume!(!COMMONEST.lines().any(|common| common.eq_ignore_ascii_case(&form)));
        prop_assert_eq!(Password::parse(&text).is_ok(), (8..=256).contains(&form.len()), "{:?}", text);
    }

    #[test]
    fn normalizing_a_password_twice_changes_nothing(text in "(?s).{0,99}") {
        let form = normalized(&text);
        prop_assert_eq!(normalized(&form), form.clone());
        prop_assert_eq!(normalized(&form.nfd().collect::<String>()), form);
    }
}
