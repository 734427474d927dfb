//! `docs/conformance.md` says of the checks what they say of themselves.

use std::fs;
use std::path::Path;

use conformance::report::list;
use conformance::{Lang, checks};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md"))
        .expect("the page")
}

#[test]
fn the_list_of_checks_in_the_page_is_made_of_the_checks() {
    let (_, after) =
        page().split_once("<!-- list -->\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(after, list::markdown(Lang::En), "make it anew: conformance --list --format markdown");
}

#[test]
fn the_page_counts_the_checks() {
    let count = format!("{} checks", checks::all().count());
    assert!(page().contains(&count), "the page does not say {count}");
}
