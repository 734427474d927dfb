//! Properties of every path.

use proptest::prelude::*;

use super::*;
use crate::route::Input;

static TABLE: &[Route<String>] = &[
    Route::new(Method::GET, "/things/special", &[200], |_| Ok("special".to_owned())),
    Route::new(Method::GET, "/things/{id}", &[200], |input| Ok(input.segment.to_owned())),
];

fn call(path: &str) -> Option<String> {
    match find(TABLE, &Method::GET, path)?.expect("no parameter is rejected") {
        Match::Route(route, segment) => route.parse(Input { segment, ..Input::default() }).ok(),
        Match::OtherMethod(..) => None,
    }
}

proptest! {
    #[test]
    fn a_parameter_is_one_whole_segment(path in "(/(things|special|[a-z0-9.%]{0,3})){0,4}") {
        // The same rule, without splitting the path.
        let segment = path.strip_prefix("/things/").filter(|rest| {
            !rest.contains(['/', '%']) && !["", ".", ".."].contains(rest)
        });
        prop_assert_eq!(call(&path), segment.map(str::to_owned), "{}", path);
    }

    #[test]
    fn any_text_can_be_looked_up(path in ".*") {
        prop_assert!(call(&path).is_none() || path.starts_with("/things/"));
    }
}
