//! Errors at the start of the lab.

use std::fs;
use std::net::TcpListener;

use testkit::Ended;

use crate::lab_process::{FREE_PORTS, LabDir};

/// Runs the lab on free ports, with more arguments, and expects it to refuse.
fn refusal(dir: &LabDir, arguments: &[&str]) -> Ended {
    dir.run(&[&FREE_PORTS, arguments].concat(), &[])
}

/// Checks that the lab ended with 1 and printed one sentence, with these words.
#[track_caller]
fn assert_one_sentence(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
    assert!(ended.err.starts_with("lab: "), "{}", ended.err);
    for word in words {
        assert!(ended.err.contains(word), "{word} in {}", ended.err);
    }
}

#[test]
fn invalid_option_is_named_with_the_help() {
    for (arguments, words) in [
        (&["--dta", "x"][..], "--dta is not an option"),
        (&["serve"], "serve is not an option"),
        (&["--data"], "--data needs a value"),
        (&["--person-port=65536"], "--person-port 65536"),
        (&["--bind=localhost"], "--bind localhost"),
    ] {
        let dir = LabDir::new();
        let ended = dir.run(arguments, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{arguments:?}");
        assert!(ended.err.starts_with("lab: ") && ended.err.contains(words), "{}", ended.err);
        assert!(ended.err.contains("--person-port PORT"), "{}", ended.err);
        assert!(!dir.path("data").exists(), "{arguments:?}");
    }
}

#[test]
fn invalid_variables_are_named() {
    let ended = LabDir::new().run(&[], &[("LOG", "loud"), ("LOG_FORMAT", "xml")]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(78), ""));
    assert!(ended.err.contains("LOG=loud") && ended.err.contains("LOG_FORMAT=xml"), "{}", ended.err);
}

#[test]
fn port_in_use_is_named_and_no_file_is_created() {
    for option in FREE_PORTS {
        let dir = LabDir::new();
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("an address");
        let taken_port = option.replace('0', &address.port().to_string());
        let name = option.trim_end_matches("=0");
        let arguments = FREE_PORTS.map(|other| if other == option { &taken_port } else { other });
        let ended = dir.run(&arguments, &[]);
        assert_one_sentence(
            &ended,
            &[&format!("{address} is taken by another program"), name, "docker compose down"],
        );
        assert!(!dir.path("data").exists());
    }
}

#[test]
fn unusable_address_or_folder_is_named() {
    let dir = LabDir::new();
    fs::write(dir.path("file"), "").expect("a new file");
    for (option, words) in [
        ("--bind=192.0.2.1", "cannot listen on 192.0.2.1:0"),
        ("--data=file/data", "cannot create the folder file/data"),
        ("--data=file", "cannot create the folder file"),
    ] {
        assert_one_sentence(&refusal(&dir, &[option]), &[words]);
    }
}

#[test]
fn second_lab_on_the_same_data_is_refused() {
    let dir = LabDir::new();
    let lab = dir.serve();
    let ada = lab.services.sign_up("ada");
    assert_one_sentence(&refusal(&dir, &[]), &["data/auth/auth.db is in use by another process"]);
    assert_eq!(ada.create_person("Ada"), 1);
    lab.stop();
    // The lock ends with its holder.
    dir.serve().stop();
}

#[test]
fn damaged_file_of_one_service_is_named_and_left_as_it_is() {
    let dir = LabDir::new();
    dir.serve().stop();
    let log = fs::read_to_string(dir.path("data/health/health.jsonl")).expect("the log");
    for (file, content, words) in [
        ("data/health/health.jsonl", &log.replacen("snapshot", "snapsh0t", 1)[..], "is damaged in line 1"),
        ("data/keys/jwt.keys", "secret\n", "line 1"),
        ("data/keys/jwt.keys", "", "the file holds no key"),
    ] {
        fs::write(dir.path(file), content).expect("a file");
        assert_one_sentence(&refusal(&dir, &[]), &[file, words]);
        assert_eq!(fs::read_to_string(dir.path(file)).expect("a file"), content);
    }
}
