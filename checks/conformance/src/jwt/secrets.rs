//! The secrets that versions of the lab sign with: those of tutorials, and what people make of the word "secret".

/// Secrets that the words below do not make.
const OTHERS: &str = "\
    your-256-bit-secret your_jwt_secret_key_here your-secret-key-here s3cr3t s3cret Secret123! P@ssw0rd azerty azerty123 \
    qwerty 123456 12345678 1234 admin admin123 changeme change-me change_me change-this replace-me default hello abc123 \
    supersecretjwtkey thisissecret this-is-a-secret this_is_a_secret thisisasecretkey this_is_my_secret_key \
    my_precious keyboard-cat microservices microservice flask-secret motdepasse mot_de_passe";

const OWNERS: [&str; 31] = [
    "",
    "my",
    "mon",
    "ma",
    "your",
    "votre",
    "ton",
    "the",
    "le",
    "a",
    "un",
    "super",
    "my super",
    "ultra",
    "very",
    "top",
    "jwt",
    "jwt super",
    "my jwt",
    "token",
    "dev",
    "test",
    "flask",
    "auth",
    "app",
    "api",
    "prod",
    "shared",
    "common",
    "health",
    "lab",
];
const WORDS: [&str; 10] = [
    "secret",
    "key",
    "secret key",
    "secretkey",
    "cle",
    "cle secrete",
    "secret token",
    "jwt secret",
    "password",
    "jwt key",
];
const ENDS: [&str; 34] = [
    "",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "42",
    "2023",
    "2024",
    "2025",
    "2026",
    "!",
    "key",
    "jwt",
    "auth",
    "token",
    "tp",
    "lab",
    "dev",
    "test",
    "api",
    "app",
    "flask",
    "microservice",
    "microservices",
    "here",
    "change me",
    "change this",
    "change in production",
    "change in prod",
    "for dev",
    "for jwt",
    "a changer",
];
const JOINTS: [&str; 3] = ["_", "-", ""];

/// Returns the secrets, the usual ones first.
pub(super) fn all() -> impl Iterator<Item = String> {
    let others = OTHERS.split_whitespace().map(str::to_owned);
    let made = ENDS.into_iter().flat_map(|end| {
        OWNERS
            .into_iter()
            .flat_map(move |owner| WORDS.into_iter().flat_map(move |word| spelled([owner, word, end])))
    });
    others.chain(made)
}

/// Returns the spellings of these words.
fn spelled(words: [&'static str; 3]) -> impl Iterator<Item = String> {
    let [owner, word, end] = words;
    JOINTS.into_iter().flat_map(move |joint| {
        let parts: Vec<_> = [owner, word, end].into_iter().filter(|part| !part.is_empty()).collect();
        let joined = parts.join(" ").replace(' ', joint);
        let is_number = end.starts_with(|c: char| !c.is_alphabetic());
        // `secret_key123`.
        let direct = is_number.then(|| [owner, word].join(" ").trim().replace(' ', joint) + end);
        let upper = end.is_empty().then(|| joined.to_uppercase());
        [Some(joined), direct, upper].into_iter().flatten()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn secrets_of_real_versions_are_guessed() {
        let all: BTreeSet<String> = all().collect();
        for secret in [
            "secret",
            "SECRET_KEY",
            "secret123",
            "jwt_secret_123",
            "monsecret",
            "super_secret_key_microservices",
            "my-secret-key-change-in-production",
            "dev-secret",
            "your-256-bit-secret",
            "supersecretkey",
            "mysecretkey123",
            "super-secret-key-2024",
            "secret-key",
        ] {
            assert!(all.contains(secret), "{secret}");
        }
    }
}
