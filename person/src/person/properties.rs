//! Properties of every name.

use proptest::prelude::*;

use super::*;

/// Some of the forbidden characters.
const GARBLING: [char; 8] = ['\0', '\n', '\u{1b}', '\u{7f}', '\u{85}', '\u{202e}', '\u{2066}', '\u{ffff}'];

proptest! {
    #[test]
    fn a_name_of_letters_is_kept_unchanged(
        // Four letters are invisible: fillers of Hangul.
        text in "[\\p{L}\\p{M}' .-]{0,99}[\\p{L}--[\\u{115F}\\u{1160}\\u{3164}\\u{FFA0}]][\\p{L}\\p{M}' .-]{0,99}",
    ) {
        prop_assert_eq!(Name::parse(&text).unwrap(), Name(text));
    }

    #[test]
    fn accepted_names_are_short_visible_and_clean(text in prop_oneof!["(?s).{0,210}", "[\\p{L} ]{195,205}"]) {
        let Ok(name) = Name::parse(&text) else { return Ok(()) };
        prop_assert_eq!(name.as_str(), &text);
        prop_assert!((1..=200).contains(&text.chars().count()));
        prop_assert!(text.chars().any(|c| !c.is_whitespace()));
        prop_assert!(!text.contains(GARBLING));
    }

    #[test]
    fn one_visible_character_is_enough_and_needed(
        invisible in "[\\u{AD}\\u{34F}\\u{200B}-\\u{200F}\\u{2800}\\u{3000}\\u{3164}\\u{FE00}-\\u{FE0F}\\u{FEFF}\\u{E0000}-\\u{E0FFF} ]{1,50}",
        visible in "[a-z\\p{Lu}]",
    ) {
        prop_assert!(Name::parse(&invisible).is_err());
        let name = format!("{invisible}{visible}{invisible}");
        prop_assert!(Name::parse(&name).is_ok());
    }

    #[test]
    fn one_forbidden_character_is_enough(
        before in "[a-z]{0,5}", after in "[a-z]{0,5}",
        c in "[\\p{Cc}\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}\\u{fdd0}-\\u{fdef}\\u{fffe}\\u{ffff}\\u{1fffe}\\u{10ffff}]",
    ) {
        let name = format!("{before}{c}{after}x");
        prop_assert!(Name::parse(&name).is_err());
    }
}
