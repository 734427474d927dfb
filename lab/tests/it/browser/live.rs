//! The page at `/live` while requests come, and while person fails.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{FakePerson, Response, Wire, eventually};

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::User;

/// The page promises a second; this leaves room for a busy machine.
const SOON: Duration = Duration::from_secs(3);
const CARD: &str = "document.querySelector('#requests > li')";

/// Starts the lab, and opens the page of health.
fn watched() -> (RunningLab, User, i64, Tab) {
    let lab = RunningLab::start_live();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 57.5}));
    let tab = Tab::open_live(&ada.health.address().to_string(), ada.health.address());
    (lab, ada, id, tab)
}

#[test]
fn request_appears_within_a_second() {
    let (_lab, ada, id, mut tab) = watched();
    let sent = Instant::now();
    let answer = ada.record(id).expect(200);
    tab.wait_for("document.querySelector('#to-here .lane.good')");
    assert!(sent.elapsed() < SOON, "{:?}", sent.elapsed());
    let lane = tab.text("document.querySelector('#to-here .lane').innerText");
    assert!(lane.starts_with("GET /health/{person_id}") && lane.contains("200 · "), "{lane}");
    let hop = tab.text("document.querySelector('#to-asked .lane').innerText");
    assert!(hop.starts_with("GET /persons/{id}") && hop.contains("200 · "), "{hop}");
    assert!(tab.text("document.querySelector('#to-store .lane').innerText").starts_with("read"));
    tab.wait_for(CARD);
    let diagram = tab.text(&format!("{CARD}.querySelector('svg').getAttribute('aria-label')"));
    let words = [
        "you to health: GET /health/{person_id}; health to person: GET /persons/{id}",
        "; store to health: ",
    ];
    assert!(words.iter().all(|words| diagram.contains(words)), "{diagram}");
    // The card opens with the keyboard.
    tab.go_to("#requests summary");
    tab.press("Enter");
    let facts = tab.text(&format!("{CARD}.querySelector('dl').innerText"));
    let trace = answer.header("traceparent").expect("a trace");
    for fact in [trace, &trace[3..35], "server-timing: total;dur=", "\"path\":\"/health/{person_id}\""] {
        assert!(facts.contains(fact), "{fact} in {facts}");
    }
    let page = tab.text("document.body.innerText");
    assert!(!page.contains("Ada") && !page.contains(&format!("/health/{id}")), "{page}");
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

#[test]
fn refused_request_stops_at_the_door() {
    let (lab, ..) = watched();
    let [_, _, health] = lab.anonymous();
    let mut tab = Tab::open_live(&health.address().to_string(), health.address());
    let _ = health.get("/health/1").expect(401);
    tab.wait_for("document.querySelector('#to-here .lane.refused.door')");
    assert_eq!(tab.evaluate("document.querySelectorAll('#to-asked i, #to-store i').length"), 0);
    tab.wait_for(CARD);
    let gap = "document.getElementById('here').getBoundingClientRect().left
        - document.querySelector('.lane.door i').getBoundingClientRect().right";
    assert!(tab.evaluate(gap).as_f64() > Some(20.0));
}

#[test]
fn stopped_person_turns_red() {
    let (mut lab, ada, id, mut tab) = watched();
    lab.stop_person();
    let _ = ada.record(id).expect(503);
    tab.wait_for("document.querySelector('#asked.bad')");
    assert_eq!(tab.text("document.querySelector('#asked small').textContent"), "unreachable");
    tab.wait_for("document.querySelector('#requests > li.bad')");
    tab.wait_for("document.getElementById('summary').textContent.includes('1 failed. person: unreachable')");
    lab.start_person();
    let _ = ada.record(id).expect(200);
    tab.wait_for("document.querySelector('#asked.good')");
}

#[test]
fn hanging_person_is_seen_waiting_then_red() {
    let (mut lab, ada, id, mut tab) = watched();
    lab.stop_person();
    let hanging = FakePerson::start_at(lab.person_address()).expect("the port of person");
    hanging.says(Response::Hang);
    let answer = thread::spawn(move || ada.record(id).status);
    tab.wait_for("document.querySelector('#asked.wait')?.innerText.includes('waiting 0.')");
    tab.wait_for("document.querySelector('#asked.bad')?.innerText.includes('timeout')");
    assert_eq!(answer.join().expect("no panic"), 504);
}

#[test]
fn thousand_requests_a_second_stall_nothing() {
    let (lab, ada, id, mut tab) = watched();
    tab.evaluate(
        "(() => {
            window.longest = 0;
            let last = performance.now();
            const frame = (now) => { longest = Math.max(longest, now - last); last = now; requestAnimationFrame(frame); };
            requestAnimationFrame(frame);
        })()",
    );
    let address = lab.anonymous()[2].address();
    let answered: usize = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(move || {
                    let mut wire = Wire::to(address);
                    let start = Instant::now();
                    for number in 0..750_u32 {
                        wire.send("GET /vitals HTTP/1.1\r\nHost: a\r\n\r\n");
                        let _ = wire.answer().expect(200);
                        // 250 a second for each of the four.
                        thread::sleep((number * Duration::from_millis(4)).saturating_sub(start.elapsed()));
                    }
                    750
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().expect("no panic")).sum()
    });
    assert_eq!(answered, 3000);
    let longest = tab.evaluate("longest").as_f64().expect("a number");
    assert!(longest < 1000.0, "the page drew nothing for {longest} ms");
    let sent = Instant::now();
    let _ = ada.record(id).expect(200);
    assert!(sent.elapsed() < SOON, "{:?}", sent.elapsed());
    // All are counted, and few are drawn.
    eventually("the page says that it leaves requests out", || {
        let rate = tab.text("document.getElementById('summary').textContent");
        rate.contains("answered").then_some(())
    });
    assert!(tab.evaluate("document.querySelectorAll('#requests > li').length").as_u64() <= Some(12));
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}

#[test]
fn lost_connection_is_said_and_restored() {
    let (mut lab, ada, id, mut tab) = watched();
    lab.stop_health();
    tab.wait_for("document.getElementById('connection').textContent.startsWith('connection lost')");
    lab.start_health();
    tab.wait_for("document.getElementById('connection').textContent === 'connected'");
    let _ = ada.record(id).expect(200);
    tab.wait_for("document.querySelector('#to-here .lane.good')");
}

#[test]
fn paused_page_stands_still() {
    let (_lab, ada, id, mut tab) = watched();
    tab.go_to("#pause");
    tab.press("Enter");
    assert_eq!(tab.text("document.getElementById('pause').getAttribute('aria-pressed')"), "true");
    let _ = ada.record(id).expect(200);
    tab.wait_for("document.getElementById('held').textContent.includes('stands still: 1 newer')");
    assert_eq!(tab.evaluate("document.querySelectorAll('#requests > li, .lane i').length"), 0);
    tab.press("Enter");
    tab.wait_for(CARD);
}

#[test]
fn reduced_motion_stops_every_animation() {
    let (_lab, ada, id, mut tab) = watched();
    let features = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
    tab.call("Emulation.setEmulatedMedia", &features);
    let _ = ada.record(id).expect(200);
    tab.wait_for(CARD);
    let animated = "[...document.querySelectorAll('*')].filter((e) => getComputedStyle(e).animationName !== 'none').length";
    assert_eq!(tab.evaluate(animated), 0);
    tab.call("Emulation.setEmulatedMedia", &json!({"features": []}));
    assert!(tab.evaluate(animated).as_u64() > Some(0));
}
