//! The rules of idempotency keys: a client that lost the answer to a creation sends its request again.

use hmac_sha256::Hash;

use crate::person::Name;

/// How long a key is remembered, in seconds.
pub(super) const LIFE: i64 = 24 * 60 * 60;
/// The keys in the table: at some 150 bytes each, 150 MB. Beyond it the oldest are forgotten early.
pub(super) const MOST: i64 = 1_000_000;

/// Returns what is stored of the name that was created with a key.
pub(super) fn digest(name: &Name) -> [u8; 32] {
    Hash::hash(name.as_str().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_a_name_never_changes() {
        // Keys that an earlier version has stored are compared with it. By `printf Ada | sha256sum`.
        let first = [0x99, 0xa5, 0x63, 0xab];
        assert_eq!(digest(&Name::parse("Ada").unwrap())[..4], first);
    }
}
