//! The page at `/live` in the lab, and its pictures in the documents.

use std::fmt::Write as _;
use std::fs;

use testkit::Client;

use crate::lab_process::{FREE_PORTS, LabDir};
use crate::workspace;

/// Names the files of the page as they were when the pictures were taken, each with a hash of its content.
const PICTURED: &str = "docs/pictures/live.sources";
const FILES: [&str; 5] = ["page.css", "page.html", "page.js", "requests.js", "stage.js"];

/// Returns the content of [`PICTURED`] for the present files.
pub(crate) fn sources() -> String {
    let mut lines = String::new();
    for name in FILES {
        let file = workspace().join("crates/chassis/src/live").join(name);
        // FNV-1a: enough to notice a change.
        let hash =
            fs::read(file).expect("a file of the page").iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        writeln!(lines, "{hash:016x} {name}").expect("memory");
    }
    lines
}

#[test]
fn pictures_show_the_present_page() {
    let pictured = fs::read_to_string(workspace().join(PICTURED)).expect("docs/pictures/live.sources");
    assert_eq!(pictured, sources(), "take new pictures: docs/pictures/take");
    for screen in ["desktop-dark", "desktop-light", "phone-dark", "phone-light"] {
        let picture = workspace().join(format!("docs/pictures/live-{screen}.png"));
        assert!(fs::read(&picture).expect("a picture").starts_with(b"\x89PNG"), "{}", picture.display());
    }
}

#[test]
fn lab_shows_its_requests_by_default() {
    let dir = LabDir::new();
    let lab = dir.serve();
    let services = lab.services;
    for service in [services.auth, services.person, services.health] {
        let page = Client::new(service).get("/live").expect(200);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    }
    assert!(lab.binary.output().contains(&format!("http://{}/live", services.health)));
}

#[test]
fn lab_passes_live_on_to_the_services() {
    let ended = LabDir::new().run(&FREE_PORTS, &[("LIVE", "maybe")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("LIVE=maybe: expected on or off"), "{}", ended.err);
}
