//! A person, and who may see one.

use chassis::{FieldErrors, Fields};
use serde::Serialize;
use token::{Claims, Role};

/// The longest names in any register have about this many characters.
const NAME_CHARACTERS: usize = 200;

/// A name: 1 to 200 characters, not only white space, none that would garble the text around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Parses the body of a request: a `name` and no other member.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_body(mut body: Fields) -> Result<Self, FieldErrors> {
        let name = body.string("name", Self::parse);
        body.finish(name, |unknown| match unknown {
            "id" => "must not be sent: the service generates it".to_owned(),
            "owner" => "must not be sent: it is the holder of the token".to_owned(),
            _ => "is unknown; a person has a `name`".to_owned(),
        })
    }

    /// Parses a name; its text is kept unchanged.
    ///
    /// # Errors
    /// Returns the reason, which completes "`name` …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let characters = text.chars().count();
        if characters > NAME_CHARACTERS {
            return Err(format!("has {characters} characters; at most {NAME_CHARACTERS} are allowed"));
        }
        if text.trim().is_empty() {
            return Err("must hold more than white space".to_owned());
        }
        match text.chars().find(|c| is_unprintable(*c)) {
            Some(c) => Err(format!("must not hold the character U+{:04X}", u32::from(c))),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Returns a name that was parsed before it was stored.
    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether the character is a control character, changes the direction of the text after it (UAX #9: explicit
/// embeddings, overrides and isolates), or is a noncharacter of the Unicode Standard, section 23.7.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// A person, in the store and in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The id, given out by the store and never reused.
    pub id: i64,
    /// The name.
    pub name: Name,
    /// The username of the caller that created the person.
    pub owner: String,
    /// The number of writes, which is the `ETag`.
    #[serde(skip)]
    pub version: u64,
}

/// The rights of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Sees and changes every person.
    Administrator,
    /// Sees and changes their own persons.
    Owner(String),
}

impl Viewer {
    /// Returns the rights of a token's holder.
    pub fn of(claims: &Claims) -> Self {
        match claims.role {
            Role::Admin => Self::Administrator,
            Role::User | Role::Service => Self::Owner(claims.subject.clone()),
        }
    }

    /// Returns whether the caller may see and change a person.
    pub fn may_see(&self, person: &Person) -> bool {
        match self {
            Self::Administrator => true,
            Self::Owner(name) => *name == person.owner,
        }
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_unchanged() {
        for good in ["A", " Ada ", "李", "O'Brien", "👩‍👩‍👧", "שרה", &"x".repeat(200), &"é".repeat(200)]
        {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn garbling_or_empty_names_are_rejected() {
        for bad in [
            "",
            " ",
            "\t",
            "\u{3000}",
            "a\0b",
            "a\nb",
            "a\u{7f}",
            "a\u{85}",
            "\u{202E}a",
            "a\u{2066}",
            "\u{FFFF}",
            "\u{1FFFE}",
            "\u{FDD0}",
        ] {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Name::parse(&"x".repeat(201)).unwrap_err().contains("201"));
    }
}
