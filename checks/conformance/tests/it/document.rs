//! `docs/conformance.md` lists the checks as they are.

use std::fs;
use std::path::Path;

use conformance::report::list;
use conformance::{Lang, checks};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/conformance.md"))
        .expect("the page")
}

#[test]
fn list_of_checks_is_up_to_date() {
    let page = page();
    let (_, list) = page.split_once("<!-- list -->\n\n").unwrap();
    assert_eq!(list, list::markdown(Lang::En), "run: conformance --list --format markdown");
}

#[test]
fn count_of_checks_is_up_to_date() {
    let count = format!("{} checks", checks::all().count());
    assert!(page().contains(&count), "the page does not say {count}");
}
