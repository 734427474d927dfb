//! The page at `/live` in the lab.

use testkit::Client;

use crate::lab_process::{FREE_PORTS, LabDir};

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
