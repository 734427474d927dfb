//! The commands for Docker on the pages print what the pages show.

use std::fs;

use testkit::console::{Mark, Page};

use super::stack::Stack;

/// Runs a page in a new checkout, after `docker compose up` if `started`.
#[track_caller]
fn run(name: &str, mark: Mark, started: bool) {
    let stack = if started { Stack::up() } else { Stack::built() };
    stack.adapt("deploy/nginx.conf");
    run_in(&stack, name, mark);
}

/// Runs a page in a checkout.
#[track_caller]
pub(super) fn run_in(stack: &Stack, name: &str, mark: Mark) {
    let text = fs::read_to_string(stack.path(name)).expect("a page");
    let page = Page { name: name.to_owned(), text };
    let faults = page.faults(mark, &mut stack.shell(), &stack.documented_ports());
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn readme_commands_work_in_containers() {
    run("README.md", Mark::Run, true);
}

#[test]
fn docker_page_shows_the_real_output() {
    run("docs/docker.md", Mark::RunInDocker, false);
}

#[test]
fn drills_show_the_real_output() {
    run("docs/drills.md", Mark::RunInDocker, false);
}

#[test]
fn walkthrough_commands_work_in_containers() {
    run("docs/walkthrough.md", Mark::RunInDocker, false);
}
