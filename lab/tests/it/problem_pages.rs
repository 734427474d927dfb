//! The pages of problem types, in English and in French.

use testkit::{Answer, Client};

use crate::running_lab::RunningLab;

/// Gets a page with this `Accept-Language`.
fn page(service: &Client, path: &str, languages: &str) -> Answer {
    service.call("GET", path).header("Accept-Language", languages).send().expect(200)
}

/// Splits a page into title, status and explanation.
fn parts(page: &str) -> (&str, &str, &str) {
    let (first, help) = page.split_once("\n\n").expect("an explanation");
    let (title, status) = first.rsplit_once(" (").expect("a status");
    (title, status, help)
}

#[test]
fn every_problem_page_has_a_french_text() {
    let lab = RunningLab::start();
    for service in lab.anonymous() {
        let [english, french] = ["en", "fr"].map(|language| page(&service, "/problems", language).text());
        assert_eq!(french.lines().count(), english.lines().count());
        for line in french.lines() {
            let path = line.split(' ').next().expect("a path");
            let pages = ["en", "fr"].map(|language| page(&service, path, language).text());
            let [english, french] = pages.each_ref().map(|page| parts(page));
            assert!(english.0 != french.0 && english.2 != french.2, "{path} is in English");
            assert_eq!(english.1, french.1, "{path}");
            assert!(line.ends_with(french.0), "{line}");
        }
    }
}

#[test]
fn problem_page_names_its_language() {
    let lab = RunningLab::start();
    let [auth, ..] = lab.anonymous();
    for path in ["/problems", "/problems/internal"] {
        for (wanted, language) in [("fr", "fr"), ("en, fr;q=0.5", "en"), ("de", "en")] {
            let page = page(&auth, path, wanted);
            assert_eq!(page.header("content-language"), Some(language), "{path}, {wanted}");
            assert_eq!(page.header("vary"), Some("accept-language"));
        }
        assert_eq!(auth.get(path).header("content-language"), Some("en"));
    }
}

#[test]
fn problem_itself_is_in_english() {
    let lab = RunningLab::start();
    let [auth, ..] = lab.anonymous();
    let call = auth.call("GET", "/problems/nothing").header("Accept-Language", "fr");
    let problem = call.send().expect_problem(404, "no-such-route");
    assert_eq!(problem.json()["title"], "There is no such path");
    assert_eq!(problem.header("content-language"), None);
}
