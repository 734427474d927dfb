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
    assert!(advice.in_lang(Lang::En).starts_with("The service crashed: its log has the line."));
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
    let report = check_404();
    assert_eq!(super::ids(&report, "passed").len(), 0, "{}", shown(&report));
    assert_eq!(report.causes().len(), 1, "{}", shown(&report));
}

fn check_404() -> Report {
    use std::io::{Read as _, Write as _};
    let not_found = |mut stream: TcpStream| {
        // The whole request: the server would reset the connection if it closed with unread bytes.
        let mut request = [0; 64 * 1024];
        let _ = stream.read(&mut request);
        let _ =
            stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    };
    let url = Some(format!("http://{}", server(not_found)));
    let plan = Plan { person: url.clone(), auth: url.clone(), health: url, ..Plan::default() };
    conformance::run(plan, |_, _, _| {}).expect("it answers")
}
