//! What an account is made of: a username and a password that will do.

use serde::Serialize;

/// A username: `[a-z0-9][a-z0-9._-]{1,31}`, so that there is one spelling of each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Takes a username.
    ///
    /// # Errors
    /// What is wrong with it, to complete the sentence "`username` ...".
    pub fn parse(text: &str) -> Result<Self, String> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        if first && rest && (2..=32).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err("must be 2 to 32 of a-z, 0-9, `.`, `_` and `-`, the first a letter or a digit".to_owned())
    }

    /// The username.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The passwords that are tried first, one a line: those of 8 characters and more at the top of the lists of
/// leaked ones that security researchers publish every year.
const COMMONEST: &str = include_str!("commonest-passwords.txt");

/// A password that a new account may have. It is never shown: `Debug` says nothing of it.
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// Takes a password as it was sent. Length is all that NIST SP 800-63B section 5.1.1.2 demands of one,
    /// beside that it be none of the commonest.
    ///
    /// # Errors
    /// What is wrong with it, to complete the sentence "`password` ...".
    pub fn parse(text: &str) -> Result<Self, String> {
        if !(8..=256).contains(&text.len()) {
            return Err(format!("must have 8 to 256 bytes, not {}", text.len()));
        }
        if COMMONEST.lines().any(|common| common.eq_ignore_ascii_case(text)) {
            return Err("is one of the commonest passwords; choose another".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether it is the username.
    pub fn is(&self, username: &Username) -> bool {
        self.0.eq_ignore_ascii_case(username.as_str())
    }

    /// The password.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_has_one_spelling() {
        for good in ["ada", "a1", "0x", "ada.lovelace-1_2", &"a".repeat(32)] {
            assert_eq!(Username::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a", "Ada", "-ada", ".a", "a b", "ada\n", "é1", &"a".repeat(33)] {
            assert!(Username::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_long_enough_and_none_of_the_commonest() {
        for good in ["analytical engine", &"x".repeat(256), "пароль"] {
            assert!(Password::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1234567", &"x".repeat(257), "password", "PASSWORD1", "12345678"] {
            assert!(Password::parse(bad).is_err(), "{bad}");
        }
        assert!(Password::parse("ada-ada-ada").unwrap().is(&Username::parse("ada-ada-ada").unwrap()));
    }

    #[test]
    fn the_list_of_the_commonest_holds_nothing_too_short_to_matter() {
        assert!(COMMONEST.lines().count() >= 100);
        assert!(COMMONEST.lines().all(|line| line.len() >= 8 && line.trim() == line));
    }
}
