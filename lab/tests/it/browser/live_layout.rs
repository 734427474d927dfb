//! The page at `/live` on a phone and on a desktop, in light and dark colours, and the pictures of it in the documents.

use serde_json::json;
use testkit::{FakePerson, Response};

use super::layout::{LAYOUT_ERRORS, SCHEMES, SCREENS, show_on, take_picture};
use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::workspace;

#[test]
fn live_page_fits_its_screen_and_is_readable() {
    let mut lab = RunningLab::start_live();
    let ada = lab.sign_up("ada");
    let mut tab = Tab::open_live("localhost:5002", ada.health.address());
    lab.stop_person();
    for (screen, width, height) in SCREENS {
        for scheme in SCHEMES {
            show_on(&mut tab, width, height, scheme);
            lab.start_person();
            let id = ada.create_person("Ada");
            tab.visit_live();
            let _ = ada.measure(id, &json!({"weight": 57.5})).expect(201);
            let _ = ada.record(id).expect(200);
            let _ = ada.health.get(&format!("/health/{}", id + 1)).expect(404);
            let _ = lab.anonymous()[2].get(&format!("/health/{id}")).expect(401);
            lab.stop_person();
            let hanging = FakePerson::start_at(lab.person_address()).expect("the port of person");
            hanging.says(Response::Hang);
            let waiting = ada.clone();
            let answer = std::thread::spawn(move || waiting.record(id).status);
            tab.wait_for("document.querySelector('#asked.wait')");
            tab.wait_for("document.querySelectorAll('#requests > li').length >= 4");
            assert_eq!(tab.evaluate(LAYOUT_ERRORS), json!([]), "{screen} {scheme}");
            assert_eq!(answer.join().expect("no panic"), 504);
            drop(hanging);
            tab.wait_for("document.querySelector('#asked.bad')");
            tab.wait_for("document.querySelector('#requests > li.bad')");
            tab.evaluate(
                "document.querySelectorAll('details').forEach((details) => { details.open = true })",
            );
            assert_eq!(tab.evaluate(LAYOUT_ERRORS), json!([]), "{screen} {scheme}, with details");
            tab.evaluate(
                "document.querySelectorAll('details').forEach((details) => { details.open = false })",
            );
            tab.evaluate("document.querySelector('details').open = true");
            if let Ok(folder) = std::env::var("PICTURES") {
                let folder = workspace().join(folder);
                stand_still(&mut tab, scheme);
                let file = folder.join(format!("live-{screen}-{scheme}.png"));
                let last = if width < 500 { "li" } else { "li:last-child" };
                take_picture(&mut tab, &file, &format!("document.querySelector('#requests > {last}')"));
            }
        }
    }
}

/// Ends all animations.
fn stand_still(tab: &mut Tab, scheme: &str) {
    let features = json!({"features": [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]});
    tab.call("Emulation.setEmulatedMedia", &features);
}
