//! Texts for people, in English and in French side by side, so that no translation is forgotten.

use std::borrow::Cow;

use serde::Deserialize;

/// A language of the explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

/// A text in both languages.
#[derive(Debug, Clone, Deserialize)]
pub struct Text {
    en: Cow<'static, str>,
    fr: Cow<'static, str>,
}

/// Returns a constant text.
pub(crate) const fn text(en: &'static str, fr: &'static str) -> Text {
    Text { en: Cow::Borrowed(en), fr: Cow::Borrowed(fr) }
}

/// Returns a text that is made at run time.
pub(crate) fn formatted(en: impl Into<String>, fr: impl Into<String>) -> Text {
    Text { en: Cow::Owned(en.into()), fr: Cow::Owned(fr.into()) }
}

impl Text {
    /// Returns the text in one language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        }
    }
}
