//! The pages on a phone and on a desktop, in light and dark colours, and the pictures of them in the documents.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::User;
use crate::workspace;

pub(super) const LAYOUT_ERRORS: &str = include_str!("layout_errors.js");
pub(super) const SCREENS: [(&str, u32, u32); 2] = [("phone", 375, 812), ("desktop", 1280, 800)];
pub(super) const SCHEMES: [&str; 2] = ["light", "dark"];

pub(super) fn show_on(tab: &mut Tab, width: u32, height: u32, scheme: &str) {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
    tab.call("Emulation.setDeviceMetricsOverride", &metrics);
    let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    tab.call("Emulation.setEmulatedMedia", &features);
}

#[test]
fn every_page_fits_its_screen_and_is_readable() {
    let lab = RunningLab::start();
    for service in lab.anonymous() {
        let mut tab = Tab::open(service.address());
        tab.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })");
        let routes = tab.evaluate("document.querySelectorAll('.route > summary').length");
        assert!(routes.as_u64() > Some(10), "{routes}");
        let mut backgrounds = Vec::new();
        for (screen, width, height) in SCREENS {
            for scheme in SCHEMES {
                show_on(&mut tab, width, height, scheme);
                assert_eq!(tab.evaluate(LAYOUT_ERRORS), json!([]), "{} {screen} {scheme}", service.address());
                backgrounds.push(tab.text("getComputedStyle(document.body).backgroundColor"));
            }
        }
        assert_eq!((&backgrounds[0], &backgrounds[1]), (&backgrounds[2], &backgrounds[3]));
        assert_ne!(backgrounds[0], backgrounds[1]);
    }
}

#[test]
fn answer_with_its_hop_fits_its_screen() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let mut tab = with_an_answer(&ada);
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            show_on(&mut tab, width, height, scheme);
            assert_eq!(tab.evaluate(LAYOUT_ERRORS), json!([]), "{screen} {scheme}");
            if let Ok(folder) = std::env::var("PICTURES") {
                let folder = workspace().join(folder);
                let file = folder.join(format!("docs-{screen}-{scheme}.png"));
                take_picture(&mut tab, &file, "document.querySelector('#addRecord')");
            }
        }
    }
}

/// Opens the page of health at its documented port and adds a record.
fn with_an_answer(user: &User) -> Tab {
    let id = user.create_person("Ada Lovelace");
    let mut tab = Tab::open_as("localhost:5002", user.health.address());
    tab.fill("#token", &user.token);
    tab.unfold("addRecord");
    tab.fill("#addRecord [name=person_id]", &id.to_string());
    let answer = tab.try_route("addRecord");
    assert!(answer.starts_with("201 Created"), "{answer}");
    tab
}

/// Takes a picture of the page down to an element.
pub(super) fn take_picture(tab: &mut Tab, file: &Path, last: &str) {
    tab.evaluate("document.activeElement.blur()");
    let height = tab.evaluate(&format!("{last}.getBoundingClientRect().bottom + scrollY + 16"));
    let width = tab.evaluate("innerWidth");
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
    let params = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
    let picture = tab.call("Page.captureScreenshot", &params)["data"].take();
    let Value::String(picture) = picture else { panic!("a picture in Base64") };
    let kept = File::create(file).expect("a new file");
    let decoder = Command::new("base64").arg("-d").stdin(Stdio::piped()).stdout(kept).spawn();
    let mut decoder = decoder.expect("base64 of the coreutils");
    write!(decoder.stdin.take().expect("piped"), "{picture}").expect("base64 reads");
    assert!(decoder.wait().expect("base64 ends").success());
}
