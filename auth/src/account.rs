//! Usernames and passwords, and the request bodies that hold them.

use chassis::{FieldErrors, Fields};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

/// A username: `[a-z0-9][a-z0-9._-]{1,31}`, with one spelling for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Username(String);

impl Username {
    /// Parses a username.
    ///
    /// # Errors
    /// Returns the reason, which completes "`username` …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let rest = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
        if first && rest && (2..=32).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        Err("must be 2 to 32 of a-z, 0-9, `.`, `_` and `-`, the first a letter or a digit".to_owned())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id of an account: a random UUID (RFC 9562, version 4), made when it is registered. If the database is lost or restored
/// from an older copy, somebody else may register the username again, but gets another id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uid(String);

impl Uid {
    /// Returns a new id.
    ///
    /// # Errors
    /// Returns an error if the system has no random bytes.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        bytes[6] = bytes[6] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        let mut text = format!("{:032x}", u128::from_be_bytes(bytes));
        [20, 16, 12, 8].into_iter().for_each(|at| text.insert(at, '-'));
        Ok(Self(text))
    }

    /// Returns an id from the store.
    pub(crate) fn from_store(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The passwords that attackers try first, one a line: those with at least 8 characters at the top of the lists of leaked
/// passwords that security researchers publish every year.
const COMMONEST: &str = include_str!("commonest-passwords.txt");

/// A password for a new account, normalized. `Debug` does not show it.
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl Password {
    /// Parses a password. NIST SP 800-63B section 5.1.1.2 requires only a length, and a check against common passwords.
    ///
    /// # Errors
    /// Returns the reason, which completes "`password` …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = normalized(text);
        if !(8..=256).contains(&text.len()) {
            return Err(format!("must have 8 to 256 bytes, not {}", text.len()));
        }
        if COMMONEST.lines().any(|common| common.eq_ignore_ascii_case(&text)) {
            return Err("is one of the commonest passwords; choose another".to_owned());
        }
        Ok(Self(text))
    }

    /// Returns whether the password is the username.
    pub fn is(&self, username: &Username) -> bool {
        self.0.eq_ignore_ascii_case(username.as_str())
    }

    /// Returns the text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// Returns the form in which passwords are compared (RFC 8265 section 4.2.2, without its refusals): keyboards differ in
/// how they write an accent or a space.
fn normalized(text: &str) -> String {
    // The other spaces (category Zs).
    let is_space = |c| {
        matches!(c, '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}')
    };
    text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect()
}

/// The body of `POST /register`.
#[derive(Debug)]
pub struct Registration {
    /// The username.
    pub username: Username,
    /// The password.
    pub password: Password,
}

impl Registration {
    /// Parses a body.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_body(mut body: Fields) -> Result<Self, FieldErrors> {
        let username = body.string("username", Username::parse);
        let password = body.string("password", Password::parse);
        if let (Some(username), Some(password)) = (&username, &password)
            && password.is(username)
        {
            body.errors().add("/password", "must not be the username");
        }
        let registration = username.zip(password).map(|(username, password)| Self { username, password });
        body.finish(registration, unknown)
    }
}

/// A password as sent, to be compared with that of an account: any string, since an error message about it would help only
/// an attacker. `Debug` does not show it.
pub struct SentPassword(String);

impl std::fmt::Debug for SentPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SentPassword")
    }
}

impl SentPassword {
    /// Returns the spellings to verify: normalized and, if it differs, as sent, since the hash of an older account may be
    /// of that.
    pub fn spellings(&self) -> Vec<String> {
        let mut spellings = vec![normalized(&self.0), self.0.clone()];
        spellings.dedup();
        spellings
    }
}

/// The body of `POST /login`.
#[derive(Debug)]
pub struct Credentials {
    /// The username as sent: any string, like the password.
    pub username: String,
    /// The password as sent.
    pub password: SentPassword,
}

impl Credentials {
    /// Parses a body.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_body(mut body: Fields) -> Result<Self, FieldErrors> {
        let username = body.string("username", |text| Ok(text.to_owned()));
        let password = body.string("password", |text| Ok(SentPassword(text.to_owned())));
        let credentials = username.zip(password).map(|(username, password)| Self { username, password });
        body.finish(credentials, unknown)
    }
}

fn unknown(_: &str) -> String {
    "is unknown; send `username` and `password`".to_owned()
}

/// The body of `PUT /me/password`.
#[derive(Debug)]
pub struct PasswordChange {
    /// The password that the account has, as sent.
    pub current: SentPassword,
    /// The password that it is to have.
    pub new: Password,
}

impl PasswordChange {
    /// Parses a body.
    ///
    /// # Errors
    /// Returns all errors of the body.
    pub fn from_body(mut body: Fields) -> Result<Self, FieldErrors> {
        let current = body.string("current_password", |text| Ok(SentPassword(text.to_owned())));
        let new = body.string("new_password", Password::parse);
        let change = current.zip(new).map(|(current, new)| Self { current, new });
        body.finish(change, |_| "is unknown; send `current_password` and `new_password`".to_owned())
    }

    /// Checks the rule of registration that needs the caller's username.
    ///
    /// # Errors
    /// Returns the error if the new password is the username.
    pub fn check(&self, username: &Username) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::default();
        if self.new.is(username) {
            errors.add("/new_password", "must not be the username");
        }
        errors.or(())
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
    fn a_password_is_long_enough_and_not_common() {
        for good in ["analytical engine", &"x".repeat(256), "пароль", &"a\u{308}".repeat(128)] {
            assert!(Password::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1234567", &"x".repeat(257), "password", "PASSWORD1", "12345678"] {
            assert!(Password::parse(bad).is_err(), "{bad}");
        }
        assert!(Password::parse("ada-ada-ada").unwrap().is(&Username::parse("ada-ada-ada").unwrap()));
    }

    #[test]
    fn passwords_are_normalized() {
        for (text, form) in [
            ("pa\u{308}sswort", "pässwort"),
            ("pässwort", "pässwort"),
            ("no\u{A0}break\u{3000}", "no break "),
            ("ﬁve Å", "ﬁve Å"),
        ] {
            assert_eq!(Password::parse(&format!("{text}........")).unwrap().0, format!("{form}........"));
        }
        let spellings = |password: &str| SentPassword(password.to_owned()).spellings();
        assert_eq!(spellings("pa\u{308}ss"), ["päss", "pa\u{308}ss"]);
        assert_eq!(spellings("päss"), ["päss"]);
    }

    #[test]
    fn debug_output_shows_no_password() {
        let text = "analytical engine";
        let sent = || SentPassword(text.to_owned());
        let credentials = Credentials { username: "ada".to_owned(), password: sent() };
        let password = Password::parse(text).unwrap();
        let change = PasswordChange { current: sent(), new: Password::parse(text).unwrap() };
        assert!(!format!("{credentials:?} {password:?} {change:?}").contains(text));
    }

    #[test]
    fn the_list_of_common_passwords_has_no_short_ones() {
        assert!(COMMONEST.lines().count() >= 100);
        assert!(COMMONEST.lines().all(|line| line.len() >= 8 && line.trim() == line));
    }
}
