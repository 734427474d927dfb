//! The language of a page for humans, chosen by `Accept-Language` (RFC 9110 section 12.5.4).

use std::cmp::Reverse;

use hyper::header::{ACCEPT_LANGUAGE, HeaderMap};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    French,
}

impl Language {
    /// Returns the language that a request prefers: English unless French is wanted more.
    pub(crate) fn preferred(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT_LANGUAGE).into_iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<Range<'_>> =
            values.flat_map(|value| value.split(',')).zip(0..).filter_map(Range::parse).collect();
        let wish = |language| {
            let of_primary_tag = |tag| ranges.iter().filter(move |range| range.has_primary_tag(tag));
            // `*` stands for every language that is not named.
            of_primary_tag(language).max_by_key(|range| range.rank()).or_else(|| of_primary_tag("*").next())
        };
        match (wish("fr"), wish("en")) {
            (Some(french), _) if french.quality == 0 => Self::English,
            (Some(french), Some(english)) if french.rank() > english.rank() => Self::French,
            (Some(_), None) => Self::French,
            _ => Self::English,
        }
    }

    /// Returns the language tag (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}

/// A language range with its quality, such as `fr-CH;q=0.8`.
struct Range<'h> {
    tag: &'h str,
    /// The quality in thousandths.
    quality: u16,
    position: usize,
}

impl<'h> Range<'h> {
    /// Parses an element of the list; returns `None` for one that is not valid, which then says nothing.
    fn parse((element, position): (&'h str, usize)) -> Option<Self> {
        let mut parts = element.split(';').map(str::trim);
        let tag = parts.next().filter(|tag| !tag.is_empty())?;
        let quality = match parts.next() {
            None => 1000,
            Some(parameter) => thousandths(parameter.strip_prefix("q=").or(parameter.strip_prefix("Q="))?)?,
        };
        parts.next().is_none().then_some(Self { tag, quality, position })
    }

    /// Returns whether the range is `fr`, or begins with `fr-`, in any case.
    fn has_primary_tag(&self, wanted: &str) -> bool {
        self.tag.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(wanted))
    }

    /// Orders ranges by quality; of two with the same quality, the first in the header is greater.
    fn rank(&self) -> (u16, Reverse<usize>) {
        (self.quality, Reverse(self.position))
    }
}

/// Parses a quality (RFC 9110 section 12.4.2): 0 to 1 with at most three decimals.
pub(crate) fn thousandths(quality: &str) -> Option<u16> {
    let (whole, decimals) = quality.split_once('.').unwrap_or((quality, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = format!("{whole}{decimals:0<3}").parse().expect("four digits");
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn preferred(values: &[&'static str]) -> Language {
        let values = values.iter().map(|value| (ACCEPT_LANGUAGE, HeaderValue::from_static(value)));
        Language::preferred(&HeaderMap::from_iter(values))
    }

    #[test]
    fn french_is_chosen_if_it_is_wanted_more() {
        for value in [
            "fr",
            "FR-fr",
            "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
            "en;q=0.8,fr;q=0.9",
            "fr, en",
            "de, fr;q=0.5",
            "en;q=0, fr;q=0.001",
            "fr;q=0.1, fr-CA;q=0.9, en;q=0.5",
            "en;q=0.5, *;q=0.8",
            "en;q=1.1, fr ; Q=0.5",
            ", fr",
        ] {
            assert_eq!(preferred(&[value]), Language::French, "{value}");
        }
        assert_eq!(preferred(&["en;q=0.5", "fr"]), Language::French);
    }

    #[test]
    fn english_is_chosen_otherwise() {
        assert_eq!(preferred(&[]), Language::English);
        for value in [
            "",
            "*",
            "en",
            "en, fr",
            "en-US,en;q=0.9,fr;q=0.8",
            "de",
            "fr;q=0",
            "fr;q=0, *;q=0.5",
            "fr;q=0.1, *",
            "fro",
            "fr;q=2",
            "fr;q=0.1234",
            "fr;q=x",
            "fr;level=1",
            "fr;q=1;q=1",
        ] {
            assert_eq!(preferred(&[value]), Language::English, "{value}");
        }
    }
}
