//! What holds for every path.

use proptest::prelude::*;

use super::*;

static TABLE: &[Route<String>] = &[
    Route::new(Method::GET, "/things/special", |_| Ok("special".to_owned()), &[200]),
    Route::new(Method::GET, "/things/{id}", |id| Ok(id.to_owned()), &[200]),
];

fn call(path: &str) -> Option<String> {
    match find(TABLE, &Method::GET, path)?.expect("no call of these is refused") {
        Match::Call(_, call) => Some(call),
        Match::Other { .. } => None,
    }
}

proptest! {
    #[test]
    fn any_text_is_an_id_where_it_is_written_as_one(text in prop_oneof![".*", "[0-9+ -]{0,20}", "[1-9][0-9]{17,19}"]) {
        // 2^63 is 9223372036854775808: of two numbers of 19 digits the later in the alphabet is greater.
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() && !text.starts_with('0');
        let fits = text.len() < 19 || (text.len() == 19 && text.as_str() < "9223372036854775808");
        prop_assert_eq!(Id::parse(&text).is_some(), digits && fits, "{}", text);
    }

    #[test]
    fn an_id_is_read_as_it_is_written(number in 1..=i64::MAX) {
        let id = Id::new(number).unwrap();
        prop_assert_eq!(Id::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn what_stands_in_the_place_of_a_parameter_is_one_whole_segment(path in "(/(things|special|[a-z0-9.%]{0,3})){0,4}") {
        // Said once more, without going through the segments one by one.
        let segment = path.strip_prefix("/things/").filter(|rest| {
            !rest.contains(['/', '%']) && !["", ".", ".."].contains(rest)
        });
        prop_assert_eq!(call(&path), segment.map(str::to_owned), "{}", path);
    }

    #[test]
    fn no_path_is_too_odd_to_be_looked_up(path in ".*") {
        prop_assert!(call(&path).is_none() || path.starts_with("/things/"));
    }
}
