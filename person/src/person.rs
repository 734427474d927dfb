//! What a person is, and who may see one.

use serde::Serialize;
use token::{Claims, Role};

/// The longest name; the longest on record in any register have about this many characters.
const NAME_CHARACTERS: usize = 200;

/// A name: 1 to 200 characters, not all of them white space, none that would garble what is around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Takes a name as it was sent.
    ///
    /// # Errors
    /// What is wrong with it, to complete the sentence "`name` ...".
    pub fn parse(text: &str) -> Result<Self, String> {
        let characters = text.chars().count();
        if characters > NAME_CHARACTERS {
            return Err(format!("has {characters} characters; {NAME_CHARACTERS} are the most"));
        }
        if text.trim().is_empty() {
            return Err("must hold more than white space".to_owned());
        }
        match text.chars().find(|c| is_unprintable(*c)) {
            Some(c) => Err(format!("must not hold the character U+{:04X}", u32::from(c))),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// A name that was parsed before it was stored.
    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    /// The name as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, those that turn the direction of the text after them (UAX #9, explicit embeddings,
/// overrides and isolates), and the noncharacters of the Unicode Standard, section 23.7.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

/// A person as the store keeps one and callers see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// Given by the store, never twice.
    pub id: i64,
    /// What they are called.
    pub name: Name,
    /// The username of whoever created the person.
    pub owner: String,
    /// Counts the writes; the `ETag`.
    #[serde(skip)]
    pub version: u64,
}

/// Whose eyes a person is seen with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Viewer {
    /// Sees and changes every person.
    Administrator,
    /// Sees and changes the persons that they created.
    Owner(String),
}

impl Viewer {
    /// What the holder of a token may see.
    pub fn of(claims: &Claims) -> Self {
        match claims.role {
            Role::Admin => Self::Administrator,
            Role::User | Role::Service => Self::Owner(claims.subject.clone()),
        }
    }

    /// Whether this person is among it.
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
    fn a_name_is_kept_as_sent() {
        for good in ["A", " Ada ", "李", "O'Brien", "👩‍👩‍👧", "שרה", &"x".repeat(200), &"é".repeat(200)]
        {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn what_garbles_or_says_nothing_is_no_name() {
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
