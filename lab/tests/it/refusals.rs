//! What the lab refuses to do, and that it says why in one sentence.

use std::fs;
use std::net::TcpListener;

use testkit::Ended;

use crate::lab_process::Place;

/// Checks that the lab ended with 1 and said one sentence with these words in it, and nothing else.
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
fn an_option_that_is_none_is_named_and_the_help_shown() {
    for (arguments, word) in [
        (&["--dta", "x"][..], "--dta is no option"),
        (&["serve"], "serve is no option"),
        (&["--data"], "--data needs a value"),
        (&["--person-port=65536"], "--person-port 65536"),
        (&["--bind=localhost"], "--bind localhost"),
    ] {
        let place = Place::new();
        let ended = place.run(arguments, &[]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(64), ""), "{arguments:?}");
        assert!(ended.err.starts_with("lab: ") && ended.err.contains(word), "{}", ended.err);
        assert!(ended.err.contains("--person-port PORT"), "{}", ended.err);
        assert!(!place.path("data").exists(), "{arguments:?}");
    }
}

#[test]
fn every_wrong_variable_is_named() {
    let ended = Place::new().run(&[], &[("LOG", "loud"), ("LOG_FORMAT", "xml")]);
    assert_eq!((ended.code, ended.out.as_str()), (Some(78), ""));
    assert!(ended.err.contains("LOG=loud") && ended.err.contains("LOG_FORMAT=xml"), "{}", ended.err);
}

#[test]
fn a_taken_port_is_named_and_nothing_was_touched() {
    for option in ["--auth-port", "--person-port", "--health-port"] {
        let place = Place::new();
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("an address");
        let others =
            ["--auth-port", "--person-port", "--health-port"].into_iter().filter(|other| *other != option);
        let mut arguments: Vec<String> = others.map(|other| format!("{other}=0")).collect();
        arguments.push(format!("{option}={}", address.port()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ended = place.run(&arguments, &[]);
        assert_one_sentence(&ended, &[&format!("{address} is taken by another program"), "--help"]);
        assert!(!place.path("data").exists());
    }
}

#[test]
fn an_address_of_another_machine_is_named() {
    let ended = Place::new().refused(&["--bind=192.0.2.1"]);
    assert_one_sentence(&ended, &["cannot listen on 192.0.2.1:0"]);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let place = Place::new();
    fs::write(place.path("file"), "").expect("the folder is ours");
    let ended = place.refused(&["--data=file/data"]);
    assert_one_sentence(&ended, &["cannot make the folder file/data"]);
    // Nor can one where a file has its name.
    assert_one_sentence(&place.refused(&["--data=file"]), &["cannot make the folder file"]);
}

#[test]
fn a_second_lab_on_the_same_data_is_refused_and_the_first_serves_on() {
    let place = Place::new();
    let lab = place.serve();
    let ada = lab.services.sign_up("ada");
    assert_one_sentence(&place.refused(&[]), &["data/auth/auth.db is in use by another process"]);
    assert_eq!(ada.create_person("Ada"), 1);
    lab.stop();
    // The lock goes with its holder.
    place.serve().stop();
}

#[test]
fn a_key_file_that_is_none_is_named_and_left_alone() {
    let place = Place::new();
    let file = place.path("data/keys/jwt.keys");
    fs::create_dir_all(file.parent().expect("a folder")).expect("the folder is ours");
    for (content, word) in [("", "no key in it"), ("secret\n", "line 1"), ("a:AAAA\n", "line 1")] {
        fs::write(&file, content).expect("the folder is ours");
        assert_one_sentence(&place.refused(&[]), &["lab: data/keys/jwt.keys: ", word]);
        assert_eq!(fs::read_to_string(&file).expect("the key file"), content);
    }
}

#[test]
fn a_damaged_store_of_one_service_stops_the_start_of_all() {
    let place = Place::new();
    place.serve().stop();
    let log = place.path("data/health/health.jsonl");
    let damaged = fs::read_to_string(&log).expect("the log").replacen("snapshot", "snapsh0t", 1);
    fs::write(&log, &damaged).expect("the folder is ours");
    assert_one_sentence(&place.refused(&[]), &["data/health/health.jsonl is damaged in line 1"]);
    assert_eq!(fs::read_to_string(&log).expect("the log"), damaged);
}
