//! `docs/conformance.md` and its French page list the checks as they are.

use std::fs;
use std::path::Path;

use conformance::report::list;
use conformance::{Lang, Level, checks};

const PAGES: [(Lang, &str); 2] = [(Lang::En, "docs/conformance.md"), (Lang::Fr, "docs/fr/conformance.md")];

fn page(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).expect("the page")
}

#[test]
fn list_of_checks_is_up_to_date() {
    for (lang, file) in PAGES {
        let page = page(file);
        let (_, list) = page.split_once("<!-- list -->\n\n").unwrap();
        assert_eq!(list, list::markdown(lang), "run: conformance --list --format markdown (--lang fr)");
    }
}

#[test]
fn counts_of_checks_are_up_to_date() {
    let of = |level: Level| checks::all().filter(|check| check.level == level).count();
    for (lang, file) in PAGES {
        let word = if lang == Lang::En { "checks" } else { "contrôles" };
        let mut counts = vec![format!("{} {word}", checks::all().count())];
        counts.extend(Level::ALL.map(|level| format!("**{}** ({})", level.label(lang), of(level))));
        for count in counts {
            assert!(page(file).contains(&count), "{file} does not say {count}");
        }
    }
}
