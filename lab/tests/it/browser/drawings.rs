//! The pictures beside an answer: the sequence of its calls, and its values within their ranges.

use serde_json::{Value, json};

use super::tab::Tab;
use crate::running_lab::RunningLab;
use crate::users::User;

/// Opens health's page, enters a user's token, and sends one request about a person.
fn tried(user: &User, route: &str, id: i64) -> Tab {
    let mut tab = Tab::open(user.health.address());
    tab.fill("#token", &user.token);
    tab.unfold(route);
    tab.fill(&format!("#{route} [name=person_id]"), &id.to_string());
    let _ = tab.try_route(route);
    tab
}

/// Returns the steps of the sequence diagram as a screen reader reads them, each time as `…`.
fn steps(tab: &mut Tab) -> Vec<String> {
    let steps = tab.evaluate("[...document.querySelectorAll('.step')].map((step) => step.textContent)");
    let steps = steps.as_array().expect("an array").iter();
    steps
        .map(|step| {
            let step = step.as_str().expect("text");
            let Some(start) = step.strip_suffix(" ms") else { return step.to_owned() };
            let (start, time) = start.rsplit_once(' ').expect("a time");
            assert!(time.parse::<f64>().is_ok(), "{step}");
            format!("{start} …")
        })
        .collect()
}

#[test]
fn answer_is_drawn_as_the_sequence_of_its_calls() {
    let mut lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let id = ada.create_measured_person("Ada", &json!({"weight": 70.5}));
    let asked = [format!("you to health: GET /health/{id}"), format!("health to person: GET /persons/{id}")];
    let with = |returns: &[&str]| -> Vec<String> {
        asked.iter().cloned().chain(returns.iter().map(|&step| step.to_owned())).collect()
    };

    let read = [
        "person to health: 200 …",
        "health to store: read",
        "store to health: done …",
        "health to you: 200 OK …",
    ];
    assert_eq!(steps(&mut tried(&ada, "readRecord", id)), with(&read));

    ada.delete_person(id);
    let unknown = ["person to health: 404 …", "health to you: 404 Not Found …"];
    assert_eq!(steps(&mut tried(&ada, "readRecord", id)), with(&unknown));

    lab.stop_person();
    let down = ["person to health: unreachable …", "health to you: 503 Service Unavailable …"];
    assert_eq!(steps(&mut tried(&ada, "readRecord", id)), with(&down));
}

#[test]
fn record_is_drawn_within_the_accepted_ranges() {
    let lab = RunningLab::start();
    let ada = lab.sign_up("ada");
    let record = json!({"weight": 70.5, "height": 150, "blood_pressure": {"systolic": 110, "diastolic": 70}});
    let id = ada.create_measured_person("Ada", &record);
    let mut tab = tried(&ada, "readRecord", id);
    let read = tab.evaluate("[...document.querySelectorAll('.ranges li')].map((row) => row.textContent)");
    assert_eq!(
        read,
        json!([
            "weight 70.5 kg, accepted from 0.2 to 700 kg",
            "height 150 cm, accepted from 20 to 280 cm",
            "heart rate not recorded, accepted from 10 to 350 /min",
            "blood pressure systolic 110 mm[Hg], accepted from 30 to 350 mm[Hg]",
            "blood pressure diastolic 70 mm[Hg], accepted from 10 to 250 mm[Hg]",
        ])
    );
    // The middle of each mark, as a part of its line.
    let marks = tab.evaluate(
        "[...document.querySelectorAll('.line')].map((line) => {
            const mark = line.firstElementChild?.getBoundingClientRect();
            const { left, width } = line.getBoundingClientRect();
            return mark ? Math.round(1000 * (mark.left + mark.width / 2 - left) / width) : null;
        })",
    );
    assert_eq!(marks, json!([100, 500, null, 250, 250]));
    assert_eq!(tab.errors(), Vec::<&Value>::new());
}
