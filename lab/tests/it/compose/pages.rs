//! The commands of the pages that take Docker print what the pages show.

use std::fs;

use testkit::console::{Mark, Page};

use super::stack::Stack;

/// Runs a page in a checkout of its own, where the lab was started before if `started`.
#[track_caller]
fn run(name: &str, mark: Mark, started: bool) {
    let stack = if started { Stack::up() } else { Stack::built() };
    let text = fs::read_to_string(stack.path(name)).expect("the page is there");
    let page = Page { name: name.to_owned(), text };
    stack.adapt("deploy/nginx.conf");
    let faults = page.faults(mark, &mut stack.shell(), &stack.documented_ports());
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn the_session_of_the_readme_is_true_in_containers_too() {
    run("README.md", Mark::Run, true);
}

#[test]
fn the_page_on_docker_tells_the_truth() {
    run("docs/docker.md", Mark::RunInDocker, false);
}

#[test]
fn the_drills_come_out_as_told() {
    run("docs/drills.md", Mark::RunInDocker, false);
}

#[test]
fn the_walkthrough_goes_on_in_containers_as_told() {
    run("docs/walkthrough.md", Mark::RunInDocker, false);
}
