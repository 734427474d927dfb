//! What is said to people, in English and in French, the two side by side so that neither is forgotten.

use std::borrow::Cow;

/// A language of the explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// French.
    Fr,
}

/// A text in both.
#[derive(Debug, Clone)]
pub struct Text {
    en: Cow<'static, str>,
    fr: Cow<'static, str>,
}

/// A text that is known beforehand.
pub(crate) const fn text(en: &'static str, fr: &'static str) -> Text {
    Text { en: Cow::Borrowed(en), fr: Cow::Borrowed(fr) }
}

/// A text that tells what was seen.
pub(crate) fn said(en: impl Into<String>, fr: impl Into<String>) -> Text {
    Text { en: Cow::Owned(en.into()), fr: Cow::Owned(fr.into()) }
}

impl Text {
    /// It in this language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        }
    }
}
