//! The file of signing keys: one `kid:base64url` a line. The first key signs and all keys verify, so an operator rotates
//! keys by adding a line at the top and restarting.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use jwt_simple::prelude::{HS256Key, MACLike as _, UnixTimeStamp};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Decoder as _};

use daemon::config::Variable;
use daemon::files::owner_hint;
use daemon::system;

use crate::clock::Clock;

/// The variable that names the file.
pub const JWT_KEYS_FILE: Variable = Variable {
    name: "JWT_KEYS_FILE",
    default: None,
    meaning: "the file of signing keys; `auth keygen FILE` creates one",
};

/// RFC 2104 and RFC 7518 section 3.2: a key of HS256 has at least the 256 bits of its hash.
pub(crate) const KEY_BYTES: usize = 32;

/// Random keys that documents publish, in base64url: this one is from RFC 7515 appendix A.1.
const WELL_KNOWN: &[&str] =
    &["AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"];

/// The keys of a file, and the clock for signing and verifying. The clock starts when the file is read, at the start
/// of a service.
#[derive(Clone)]
pub struct Keys {
    keys: Arc<Vec<HS256Key>>,
    clock: Clock,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} keys", self.keys.len())
    }
}

impl Keys {
    /// Reads a key file. One that all users of the machine can read is used, with a warning in the log.
    ///
    /// # Errors
    /// Returns an error message for the operator that names the file and the invalid line, but never quotes a key.
    pub fn load(path: &str) -> Result<Self, String> {
        let text = read_text(path)?;
        Self::parse(&text).map_err(|error| format!("{path}: {error}"))
    }

    /// Parses the text of a key file, ignoring empty lines and lines that start with `#`.
    ///
    /// # Errors
    /// Returns an error message that names the invalid line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys: Vec<HS256Key> = Vec::new();
        for (number, line) in key_lines(text) {
            keys.push(parse_line(line, &keys).map_err(|error| format!("line {number}: {error}"))?);
        }
        if keys.is_empty() {
            return Err("the file holds no key; create one with `auth keygen FILE`".to_owned());
        }
        Ok(Self { keys: Arc::new(keys), clock: Clock::start() })
    }

    /// Returns the signing key.
    pub(crate) fn signing(&self) -> &HS256Key {
        &self.keys[0]
    }

    /// Returns the time in the form that tokens use.
    pub(crate) fn now(&self) -> UnixTimeStamp {
        self.clock.now().into()
    }

    /// Returns the key with this `kid`.
    pub(crate) fn named(&self, kid: &str) -> Option<&HS256Key> {
        self.keys.iter().find(|key| key.key_id().as_deref() == Some(kid))
    }
}

/// Reads the text of a key file.
///
/// # Errors
/// Returns an error message for the operator if the file cannot be read, if it is not plain text, or if others may
/// write it.
pub(crate) fn read_text(path: &str) -> Result<String, String> {
    let failed =
        |error: io::Error| format!("cannot read {path}: {error}{}", owner_hint(Path::new(path), &error));
    let mut file = File::open(path).map_err(failed)?;
    let mode = system::mode(&file.metadata().map_err(failed)?).unwrap_or(0o600);
    if mode & 0o022 != 0 {
        return Err(format!(
            "{path}: others may write this file, and so sign tokens: its mode is {mode:04o}, not 0600"
        ));
    }
    if mode & 0o004 != 0 {
        tracing::warn!(
            "{path}: others may read this file, and so sign tokens: its mode is {mode:04o}, not 0600"
        );
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    // A key file is ASCII: a NUL byte comes from UTF-16, with or without a mark at its beginning.
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.contains(&0) {
        return Err(format!("{path}: the file is UTF-16, as PowerShell writes it: save it as UTF-8"));
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return Err(format!(
            "{path}: the file begins with a byte order mark (BOM): save it as UTF-8 without one"
        ));
    }
    String::from_utf8(bytes).map_err(|_| format!("{path}: the file is not UTF-8"))
}

/// Returns the lines that hold a key, with their numbers.
pub(crate) fn key_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn parse_line(line: &str, before: &[HS256Key]) -> Result<HS256Key, String> {
    let (kid, encoded) = line.split_once(':').ok_or("expected `kid:base64url`")?;
    let valid = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if kid.is_empty() || kid.len() > 64 || !kid.bytes().all(valid) {
        return Err("the kid must be 1 to 64 letters, digits, `.`, `_` or `-`".to_owned());
    }
    let encoded = encoded.trim_end_matches('=');
    let bytes =
        Base64UrlSafeNoPadding::decode_to_vec(encoded, None).map_err(|_| "the key is not base64url")?;
    if bytes.len() < KEY_BYTES {
        return Err(format!("the key has {} bytes; at least {KEY_BYTES} are needed", bytes.len()));
    }
    if WELL_KNOWN.contains(&encoded) || !looks_random(&bytes) {
        return Err("the key is well known or not random".to_owned());
    }
    for (index, key) in before.iter().enumerate() {
        if key.key_id().as_deref() == Some(kid) {
            return Err(format!("the kid `{kid}` is the same as that of key {}", index + 1));
        }
        if key.to_bytes() == bytes {
            return Err(format!("the key is the same as key {}", index + 1));
        }
    }
    Ok(HS256Key::from_bytes(&bytes).with_key_id(kid))
}

/// Returns whether the bytes may be random: at least 16 are distinct, which fails less than once in 10^12 random keys, and
/// not all are printable as in a typed secret, which fails once in 10^13.
fn looks_random(bytes: &[u8]) -> bool {
    let distinct: std::collections::HashSet<_> = bytes.iter().collect();
    distinct.len() >= 16 && !bytes.iter().all(|b| matches!(b, b' '..=b'~'))
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests {
    use jwt_simple::reexports::ct_codecs::Encoder as _;

    use super::*;

    const GOOD: &str = "q83vEjRWeJCrze8SNFZ4kJqbnJ2en6ChoqOkpaanqKk";

    fn refusal(text: &str) -> String {
        Keys::parse(text).unwrap_err()
    }

    #[test]
    fn the_invalid_line_is_named() {
        assert!(refusal("").contains("holds no key"));
        assert!(refusal("# only a comment\n\n").contains("holds no key"));
        assert!(refusal("nonsense").starts_with("line 1: expected"));
        assert!(refusal(&format!("a:{GOOD}\nb:c2hvcnQ")).starts_with("line 2: the key has 5 bytes"));
        assert!(refusal(&format!("a:{GOOD}\n\na:{GOOD}")).starts_with("line 3: the kid `a` is the same"));
        assert!(refusal(&format!("a:{GOOD}\nb:{GOOD}")).starts_with("line 2: the key is the same"));
        assert!(refusal("a b:c").starts_with("line 1: the kid"));
        assert!(refusal("a:not base64!").starts_with("line 1: the key is not base64url"));
    }

    #[test]
    fn a_guessable_key_is_rejected() {
        let encode = |bytes: &[u8]| Base64UrlSafeNoPadding::encode_to_string(bytes).unwrap();
        for bytes in [
            &[0; 32][..],
            &[7; 64],
            b"your-256-bit-secret-your-256-bit-secret",
            b"0123456789abcdef0123456789abcdef",
        ] {
            assert!(refusal(&format!("a:{}", encode(bytes))).contains("well known"), "{bytes:?}");
        }
        assert!(refusal(&format!("a:{}", WELL_KNOWN[0])).contains("well known"));
        assert!(refusal(&format!("a:{}==", WELL_KNOWN[0])).contains("well known"));
    }

    #[test]
    fn the_first_key_signs_and_kids_find_keys() {
        let keys = Keys::parse(&format!("# two\nnew:{GOOD}\nold:{}", GOOD.to_lowercase())).unwrap();
        assert_eq!(keys.signing().key_id().as_deref(), Some("new"));
        assert!(keys.named("old").is_some() && keys.named("other").is_none());
    }
}
