//! The README is run: its commands against a new lab, and what they print held against what it shows.

use std::time::Duration;

use testkit::PATIENCE;
use testkit::console::{Mark, Page, Shell, Step, all_match, matches};

use crate::lab_process::Place;
use crate::workspace;

const SAMPLE: &str = r#"
# A page

```console
$ not run, as nothing marks it
```

<!-- run -->
```console
$ curl -s -X POST localhost:5003/register \
    --json '{"username":"grace","password":"first compiler"}'
{"username":"grace","role":"user"}
$ TOKEN=$(curl -s localhost:5003/login --json '{"username":"grace","password":"first compiler"}' \
    | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
```

Prose.

<!-- run -->

```console
$ curl -i localhost:5001/persons --json '{"name":"Grace"}' -H "Authorization: Bearer $TOKEN"
HTTP/1.1 201 Created
content-type: application/json
location: /persons/1
etag: "…"
…
…
traceparent: 00-…-01
server-timing: total;dur=…
…
date: … GMT

{"id":1,"name":"Grace","owner":"grace"}
$ curl http://127.0.0.1:5002/health/1 -H "Authorization: Bearer $TOKEN"
{"type":"/problems/no-health-record",…,"instance":"/health/1","trace_id":"…"}
$ ls data
auth
health
keys
person
```
"#;

fn sample(text: &str) -> Page {
    Page { name: "sample.md".to_owned(), text: text.to_owned() }
}

/// Runs a page against a lab of its own; gives the steps that printed something else, and what.
fn run(page: &Page) -> Vec<String> {
    let place = Place::new();
    let lab = place.serve();
    let mut shell = Shell::start(&place.path(""), PATIENCE);
    for program in ["curl", "jq"].into_iter().filter(|program| page.text.contains(program)) {
        shell.require(program);
    }
    let services = lab.services;
    let ports = [(":5001", services.person), (":5002", services.health), (":5003", services.auth)]
        .map(|(documented, address)| (documented.to_owned(), format!(":{}", address.port())));
    let faults = page.faults(Mark::Run, &mut shell, &ports);
    lab.stop();
    faults
}

#[test]
fn the_commands_of_the_readme_print_what_it_shows() {
    let readme = workspace().join("README.md");
    let faults = run(&Page::read(&readme).expect("the README is there"));
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_page_that_tells_the_truth_passes() {
    let faults = run(&sample(SAMPLE));
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_page_that_does_not_is_shown_where() {
    let wrong = SAMPLE.replace("{\"id\":1,", "{\"id\":2,");
    let faults = run(&sample(&wrong));
    assert_eq!(faults.len(), 1, "{}", faults.join("\n\n"));
    assert!(faults[0].starts_with("sample.md:22: $ curl -i localhost:5001/persons"), "{}", faults[0]);
}

#[test]
fn a_command_that_does_not_end_is_shown_too_and_nothing_is_run_after_it() {
    let place = Place::new();
    let mut shell = Shell::start(&place.path(""), Duration::from_secs(2));
    let page = sample("<!-- run -->\n```console\n$ echo a; while :; do :; done\na\n$ echo b\nc\n```\n");
    let faults = page.faults(Mark::Run, &mut shell, &[]);
    assert_eq!(faults.len(), 1, "{}", faults.join("\n\n"));
    let told = "--- printed\na\n(it does not end; what follows was not run)";
    assert!(faults[0].starts_with("sample.md:3: $ echo a") && faults[0].ends_with(told), "{}", faults[0]);
}

#[test]
fn a_block_is_commands_each_with_what_it_prints() {
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
fn an_ellipsis_stands_for_any_text_within_a_line() {
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
fn variables_last_and_a_command_does_not_read_the_next() {
    let place = Place::new();
    let mut shell = Shell::start(&place.path(""), PATIENCE);
    assert!(shell.run("X=1").is_empty());
    assert_eq!(shell.run("cat; printf %s \"$X\""), ["1"]);
    assert_eq!(shell.run("echo out; echo wrong >&2; false"), ["out", "wrong"]);
    assert_eq!(shell.run("printf 'a\\n\\n'"), ["a", ""]);
}
