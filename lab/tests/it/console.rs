//! How the commands of a page are found, run and compared with the page. `pages` runs the real pages.

use std::time::Duration;

use testkit::PATIENCE;
use testkit::console::{Mark, Page, Shell, Step, all_match, matches};

use crate::lab_process::LabDir;

fn sample(text: &str) -> Page {
    Page { name: "sample.md".to_owned(), text: text.to_owned() }
}

#[test]
fn command_without_an_end_is_reported_and_stops_the_page() {
    let dir = LabDir::new();
    let mut shell = Shell::start(&dir.path(""), Duration::from_secs(2));
    let page = sample("<!-- run -->\n```console\n$ echo a; while :; do :; done\na\n$ echo b\nc\n```\n");
    let faults = page.faults(Mark::Run, &mut shell, &[]);
    assert_eq!(faults.len(), 1, "{}", faults.join("\n\n"));
    let report = "--- printed\na\n(it does not end; the remaining commands were not run)";
    assert!(faults[0].starts_with("sample.md:3: $ echo a") && faults[0].ends_with(report), "{}", faults[0]);
}

#[test]
fn command_that_prints_for_ever_is_ended() {
    let dir = LabDir::new();
    let mut shell = Shell::start(&dir.path(""), PATIENCE);
    let lines = shell.try_run("while :; do echo a; done").expect_err("it does not end");
    assert_eq!(lines.first().map(String::as_str), Some("a"));
}

#[test]
fn block_has_commands_with_their_output() {
    let page = "<!-- run -->\n```console\n$ a \\\n  b\nx\n\ny\n$ c\n```\n```console\n$ d\n```\n\
                <!-- run: docker -->\n```console\n$ e\n```\n";
    let step = |line, command: &str, expected: &[&str]| Step {
        line,
        command: command.to_owned(),
        expected: expected.iter().map(|&line| line.to_owned()).collect(),
    };
    let page = sample(page);
    assert_eq!(page.steps(Mark::Run), [step(3, "a \\\n  b", &["x", "", "y"]), step(8, "c", &[])]);
    assert_eq!(page.steps(Mark::RunInDocker), [step(15, "e", &[])]);
}

#[test]
fn ellipsis_matches_any_text_within_a_line() {
    for (expected, actual) in
        [("a…c", "abc"), ("a…c", "ac"), ("…", ""), ("…b…", "abba"), ("a…a", "abca"), ("é…é", "éèé")]
    {
        assert!(matches(expected, actual), "{expected} {actual}");
    }
    for (expected, actual) in [("a…c", "abcd"), ("a…a", "a"), ("abc", "ab"), ("…x", "")] {
        assert!(!matches(expected, actual), "{expected} {actual}");
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(all_match(&lines("a\nb"), &lines("a\r\nb  \n\n")));
    assert!(!all_match(&lines("a\n…"), &lines("a")));
    assert!(!all_match(&lines("a"), &lines("a\nb")));
}

#[test]
fn shell_keeps_variables_and_separates_commands() {
    let dir = LabDir::new();
    let mut shell = Shell::start(&dir.path(""), PATIENCE);
    assert!(shell.run("X=1").is_empty());
    assert_eq!(shell.run("cat; printf %s \"$X\""), ["1"]);
    assert_eq!(shell.run("echo out; echo wrong >&2; false"), ["out", "wrong"]);
    assert_eq!(shell.run("printf 'a\\n\\n'"), ["a", ""]);
}
