//! Properties of every key file.

use jwt_simple::reexports::ct_codecs::Encoder as _;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_documented_line_is_a_key(kid in "[A-Za-z0-9._-]{1,64}", key in vec(any::<u8>(), 48..80)) {
        prop_assume!(looks_random(&key));
        let keys = Keys::parse(&format!("{kid}:{}\n", Base64UrlSafeNoPadding::encode_to_string(&key).unwrap())).unwrap();
        prop_assert_eq!(keys.named(&kid).unwrap().to_bytes(), key);
    }

    #[test]
    fn error_messages_name_the_line_and_quote_no_key(
        text in prop_oneof!["(?s).{0,100}", "([a-z]{0,3}:?[A-Za-z0-9_=-]{0,60}\n?){0,4}"],
    ) {
        match Keys::parse(&text) {
            Ok(keys) => prop_assert!(keys.keys.iter().all(|key| key.to_bytes().len() >= KEY_BYTES)),
            Err(wrong) => {
                prop_assert!(wrong.starts_with("line ") || wrong.starts_with("the file holds no key"), "{}", wrong);
                let secrets = text.split([':', '\n']).skip(1).filter(|part| part.len() > 20);
                prop_assert!(secrets.into_iter().all(|secret| !wrong.contains(secret)), "{}", wrong);
            }
        }
    }
}
