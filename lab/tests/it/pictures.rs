//! The pictures in docs/pictures show the pages as they are now.
//!
//! `docs/pictures/take` takes them in Chromium and writes a checksum of their pages' sources to `sources.txt`. If a source
//! changes, this test asks for new pictures, on a machine without Chromium too.

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::workspace;

const CHECKSUMS: &str = "docs/pictures/sources.txt";

/// Each page with the files and folders that decide what its pictures show. The routes of every service are folded away
/// there, so their documents are missing here.
const PAGES: &[(&str, &[&str])] = &[
    ("docs", &["crates/chassis/src/docs", "health/src/openapi.json", "health/src/vitals.rs"]),
    (
        "live",
        &[
            "crates/chassis/src/docs/base.css",
            "crates/chassis/src/live/page.css",
            "crates/chassis/src/live/page.html",
            "crates/chassis/src/live/page.js",
            "crates/chassis/src/live/requests.js",
            "crates/chassis/src/live/stage.js",
        ],
    ),
];

#[test]
fn pictures_show_the_current_pages() {
    let current: String =
        PAGES.iter().map(|(page, sources)| format!("{page} {:08x}\n", checksum(sources))).collect();
    let file = workspace().join(CHECKSUMS);
    if env::var_os("PICTURES_TAKEN").is_some() {
        fs::write(&file, &current).expect("the checksums can be written");
    }
    let kept = fs::read_to_string(&file).expect("the checksums of the pictures");
    assert_eq!(kept, current, "a page has changed: update its pictures with docs/pictures/take");
}

#[test]
fn every_page_has_its_four_pictures() {
    for (page, _) in PAGES {
        for screen in ["phone-light", "phone-dark", "desktop-light", "desktop-dark"] {
            let picture =
                fs::read(workspace().join(format!("docs/pictures/{page}-{screen}.png"))).expect("a picture");
            // The width in the header of a PNG, in its bytes 16 to 19.
            let width = u32::from_be_bytes(picture[16..20].try_into().expect("a header"));
            assert_eq!(width, if screen.starts_with("phone") { 375 } else { 1280 }, "{page}-{screen}");
        }
    }
}

/// Returns the CRC-32 of the names and contents of these files, in the order of their paths.
fn checksum(sources: &[&str]) -> u32 {
    let mut files: Vec<PathBuf> =
        sources.iter().flat_map(|source| files(&workspace().join(source))).collect();
    files.sort();
    let mut crc = crc32fast::Hasher::new();
    for file in files {
        crc.update(
            file.strip_prefix(workspace()).expect("a file of the workspace").as_os_str().as_encoded_bytes(),
        );
        crc.update(&fs::read(&file).expect("a source"));
    }
    crc.finalize()
}

fn files(source: &Path) -> Vec<PathBuf> {
    match fs::read_dir(source) {
        Ok(entries) => entries.flat_map(|entry| files(&entry.expect("an entry").path())).collect(),
        Err(_) => vec![source.to_owned()],
    }
}
