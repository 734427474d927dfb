//! The identifier of a record.

use std::fmt;

/// A whole number from 1 to 2^63 - 1, with one spelling: `[1-9][0-9]{0,18}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(i64);

impl Id {
    /// Parses an id; returns `None` for any other spelling, such as `007` or `+7`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits && !text.starts_with('0')).map(Self)
    }

    /// Converts a number from a store or a peer; returns `None` if it is not positive.
    pub fn new(number: i64) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// Returns the number.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        for good in ["1", "7", "10", "9223372036854775807"] {
            assert_eq!(Id::parse(good).unwrap().to_string(), good);
        }
        for bad in ["", "0", "-1", "+1", "01", "1.0", "1e3", "9223372036854775808", "abc", " 1", "१"] {
            assert_eq!(Id::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn only_canonical_digits_are_an_id(text in prop_oneof![".*", "[0-9+ -]{0,20}", "[1-9][0-9]{17,19}"]) {
            // 2^63 is 9223372036854775808; two numbers of 19 digits compare as their texts do.
            let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() && !text.starts_with('0');
            let fits = text.len() < 19 || (text.len() == 19 && text.as_str() < "9223372036854775808");
            prop_assert_eq!(Id::parse(&text).is_some(), digits && fits, "{}", text);
        }
    }
}
