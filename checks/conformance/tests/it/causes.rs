//! Causes, and advice that depends on the answer.

use std::net::TcpStream;
use std::time::Duration;

use conformance::report::Format;
use conformance::{Lang, Plan, Report};

use super::adapting::server;
use super::bad_lab::BadLab;
use super::shown;

fn brief(report: &Report, lang: Lang) -> String {
    report.show(Format::Terminal { colour: false, verbose: false }, lang)
}

fn check(mistake: &'static str, with_fake: bool) -> Report {
    BadLab::start(Some(mistake), with_fake).check()
}

#[test]
fn usual_report_has_at_most_60_lines() {
    let report = check("health has one record for all", false);
    for lang in [Lang::En, Lang::Fr] {
        let text = brief(&report, lang);
        assert!(text.lines().count() <= 60, "{text}");
        let [causes, reds] = [" 1. ", "FAIL "].map(|start| text.find(start).unwrap());
        assert!(causes < reds, "{text}");
    }
}

#[test]
fn rule_that_one_operation_skips_is_one_cause() {
    let report = check("health does not ask on DELETE", true);
    let causes = report.causes();
    assert_eq!(causes.len(), 1, "{}", shown(&report));
    assert_eq!(causes[0].title.in_lang(Lang::En), "health does not ask person on DELETE");
    let french = brief(&report, Lang::Fr);
    assert!(
        french.contains(" 1. exigé: le service Santé n'interroge pas le service Personne sur DELETE"),
        "{french}"
    );
    assert!(french.ends_with(" · causes 1 (1 exigé)\n"), "{french}");
}

#[test]
fn redirect_is_named_once_with_its_target() {
    let report = check("person wants a slash", false);
    let causes = report.causes();
    assert_eq!(causes.len(), 1, "{}", shown(&report));
    assert!(causes[0].advice.in_lang(Lang::En).contains("is redirected to /persons/"), "{}", shown(&report));
}

#[test]
fn crash_points_to_the_log() {
    let report = check("person crashes on broken JSON", false);
    let advice = report.causes().remove(0).advice;
    let advice = advice.in_lang(Lang::En);
    assert!(advice.starts_with("The service crashed: its log has the line."), "{advice}");
    // Only health keeps a JSON file.
    assert!(!advice.contains("JSON file"), "{advice}");
}

#[test]
fn advice_is_shown_as_whole_sentences() {
    let report = check("health crashes on deleting nothing", false);
    for lang in [Lang::En, Lang::Fr] {
        let advice = report.causes().remove(0).advice.in_lang(lang).to_owned();
        assert!(advice.chars().count() > 160, "{advice}");
        let text = brief(&report, lang);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&advice), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 150), "{text}");
    }
}

#[test]
fn route_that_answers_501_is_not_written_yet() {
    let report = check_status("501 Not Implemented");
    let advice = report.causes().remove(0).advice;
    let advice = [Lang::En, Lang::Fr].map(|lang| advice.in_lang(lang));
    assert!(advice[0].starts_with("POST /persons answers 501: this route is not written yet."), "{advice:?}");
    assert!(advice[1].contains("n'est pas encore écrite"), "{advice:?}");
}

#[test]
fn service_without_tokens_is_a_note() {
    let report = check("person lets anybody in", false);
    let notes = |lang| report.learnt.iter().map(move |line| line.in_lang(lang).to_owned());
    assert!(notes(Lang::En).any(|line| line.starts_with("note: person answers without a token")));
    assert!(notes(Lang::Fr).any(|line| line.starts_with("à noter : le service Personne répond sans jeton")));
}

#[test]
fn closed_connection_points_to_the_address_of_the_server() {
    let url = Some(format!("http://{}", server(|stream: TcpStream| drop(stream))));
    let plan = Plan { person: url.clone(), health: url, patience: Duration::from_secs(2), ..Plan::default() };
    let report = conformance::run(plan, |_, _, _| {}).expect("it answers");
    let causes = report.causes();
    assert_eq!(causes.len(), 1, "{}", shown(&report));
    assert!(causes[0].advice.in_lang(Lang::En).contains("not on 127.0.0.1"));
}

#[test]
fn nothing_passes_where_every_path_is_404() {
    let report = check_status("404 Not Found");
    assert_eq!(super::ids(&report, "passed").len(), 0, "{}", shown(&report));
    assert_eq!(report.causes().len(), 1, "{}", shown(&report));
}

/// Checks a version that answers everything with this status.
fn check_status(status: &'static str) -> Report {
    use std::io::{Read as _, Write as _};
    let answer = move |mut stream: TcpStream| {
        // The whole request: the server would reset the connection if it closed with unread bytes.
        let mut request = [0; 64 * 1024];
        let _ = stream.read(&mut request);
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        let _ = stream.write_all(head.as_bytes());
    };
    let url = Some(format!("http://{}", server(answer)));
    let plan = Plan { person: url.clone(), auth: url.clone(), health: url, ..Plan::default() };
    conformance::run(plan, |_, _, _| {}).expect("it answers")
}
