//! The pages on a phone and on a desktop, in light and in dark; and the pictures of them in the documents.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::tab::Tab;
use crate::lab::Lab;
use crate::users::User;
use crate::workspace;

const FAULTS: &str = include_str!("faults.js");
const SCREENS: [(&str, u32, u32); 2] = [("phone", 375, 812), ("desktop", 1280, 800)];
const SCHEMES: [&str; 2] = ["light", "dark"];

fn show_on(tab: &mut Tab, width: u32, height: u32, scheme: &str) {
    let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
    tab.call("Emulation.setDeviceMetricsOverride", &metrics);
    let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
    tab.call("Emulation.setEmulatedMedia", &features);
}

#[test]
fn every_page_fits_its_screen_and_can_be_read_in_light_and_in_dark() {
    let lab = Lab::new();
    for service in lab.strangers() {
        let mut tab = Tab::open(service.address());
        tab.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true })");
        let routes = tab.evaluate("document.querySelectorAll('section > details > summary').length");
        assert!(routes.as_u64() > Some(10), "{routes}");
        let mut grounds = Vec::new();
        for (screen, width, height) in SCREENS {
            for scheme in SCHEMES {
                show_on(&mut tab, width, height, scheme);
                assert_eq!(tab.evaluate(FAULTS), json!([]), "{} {screen} {scheme}", service.address());
                grounds.push(tab.text("getComputedStyle(document.body).backgroundColor"));
            }
        }
        assert_eq!((&grounds[0], &grounds[1]), (&grounds[2], &grounds[3]));
        assert_ne!(grounds[0], grounds[1]);
    }
}

#[test]
fn an_answer_with_its_hop_fits_its_screen() {
    let lab = Lab::new();
    let ada = lab.sign_up("ada");
    let mut tab = with_an_answer(&ada);
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            show_on(&mut tab, width, height, scheme);
            assert_eq!(tab.evaluate(FAULTS), json!([]), "{screen} {scheme}");
            if let Ok(folder) = std::env::var("PICTURES") {
                let place = workspace().join(folder);
                take_picture(&mut tab, &place.join(format!("docs-{screen}-{scheme}.png")));
            }
        }
    }
}

/// The page of health, where its readers find it, after a record was added.
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

fn take_picture(tab: &mut Tab, file: &Path) {
    tab.evaluate("document.activeElement.blur()");
    let height =
        tab.evaluate("document.querySelector('#addRecord').getBoundingClientRect().bottom + scrollY + 4");
    let width = tab.evaluate("innerWidth");
    let clip = json!({"x": 0, "y": 0, "width": width, "height": height, "scale": 1});
    let params = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
    let picture = tab.call("Page.captureScreenshot", &params)["data"].take();
    let Value::String(picture) = picture else { panic!("a picture in Base64") };
    let kept = File::create(file).expect("the folder is there");
    let decoder = Command::new("base64").arg("-d").stdin(Stdio::piped()).stdout(kept).spawn();
    let mut decoder = decoder.expect("base64 is of every system's core");
    write!(decoder.stdin.take().expect("piped"), "{picture}").expect("it reads");
    assert!(decoder.wait().expect("it ends").success());
}
