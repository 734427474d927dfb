//! `auth keygen`: the only way to a key.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use testkit::{Place, tokens};

use crate::lab::{PASSWORD, log_in, place, register, token};

fn mode(place: &Place, name: &str) -> u32 {
    fs::metadata(place.path(name)).expect("a file").permissions().mode() & 0o7777
}

fn read(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path(name)).expect("a file")
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_key_file_is_made_for_its_owner_s_eyes_only() {
    let place = place();
    let ended = place.run(&["keygen", &place.text("new")], &[]);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(mode(&place, "new"), 0o600);
    let file = read(&place, "new");
    let (kid, key) = file.strip_suffix('\n').and_then(|line| line.split_once(':')).expect("one line kid:key");
    assert!(!kid.is_empty() && kid.bytes().all(|b| b.is_ascii_alphanumeric()), "{kid}");
    assert!(
        key.len() >= 43 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
        "base64url"
    );
    assert!(!ended.out.contains(key), "the key is not shown");
}

#[test]
fn a_mode_may_be_told_and_holds_whatever_the_umask() {
    let place = place();
    for mode_told in ["0640", "644", "0444", "0666"] {
        let name = format!("keys-{mode_told}");
        assert_eq!(place.run(&["keygen", &place.text(&name), mode_told], &[]).code, Some(0));
        assert_eq!(mode(&place, &name), u32::from_str_radix(mode_told, 8).expect("octal"));
    }
    for wrong in ["rw", "0999", "01777", "-1", ""] {
        let ended = place.run(&["keygen", &place.text("wrong"), wrong], &[]);
        assert_eq!(ended.code, Some(64), "{wrong}");
        assert!(!place.path("wrong").exists(), "{wrong}");
    }
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let place = place();
    let _ = place.run(&["keygen", &place.text("new")], &[]);
    let before = read(&place, "new");
    symlink(place.path("elsewhere"), place.path("link")).expect("the folder is ours");
    for name in ["new", "link", ""] {
        let ended = place.run(&["keygen", &place.text(name)], &[]);
        assert_eq!(ended.code, Some(1), "{name}");
        assert!(ended.err.contains(&place.text(name)), "{}", ended.err);
    }
    assert_eq!(read(&place, "new"), before);
    assert!(!place.path("elsewhere").exists());
    let ended = place.run(&["keygen", &place.text("no/such/folder/keys")], &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
}

#[test]
fn keygen_wants_a_file() {
    let place = place();
    for arguments in [&["keygen"][..], &["keygen", "a", "0600", "b"]] {
        assert_eq!(place.run(arguments, &[]).code, Some(64), "{arguments:?}");
    }
}

#[test]
fn an_option_that_keygen_does_not_know_makes_no_file_of_that_name() {
    let place = place();
    let file = place.text("new");
    // Where a file of that name would come to lie.
    let here = place.path("");
    for arguments in [
        &["--nonsense"][..],
        &["--nonsense", "0600"],
        &["--nonsense", &file],
        &["--if-missing"],
        &["--if-missing", "--nonsense"],
        &["--if-missing", &file, "rw"],
        &["--rotate"],
        &["--rotate", &file, "0600"],
        &["--retire"],
        &[&file, "--if-missing"],
    ] {
        let begun_here = ["-c", "cd \"$0\" && exec \"$@\"", here.to_str().expect("text")];
        let keygen = [&begun_here[..], &[env!("CARGO_BIN_EXE_auth"), "keygen"], arguments].concat();
        assert_eq!(testkit::run("/bin/sh", &keygen, &[]).code, Some(64), "{arguments:?}");
        assert_eq!(place.named(""), ["keys"], "{arguments:?}");
    }
}

#[test]
fn if_missing_makes_a_file_and_leaves_a_sound_one_alone() {
    let place = place();
    let file = place.text("new");
    let ended = place.run(&["keygen", "--if-missing", &file, "0640"], &[]);
    assert_eq!((ended.code, mode(&place, "new")), (Some(0), 0o640), "{}", ended.err);
    let before = "# ours\n\n".to_owned() + &read(&place, "new") + tokens::KEY_FILE.trim();
    place.write("new", &before);
    for arguments in [&["keygen", "--if-missing", &file][..], &["keygen", "--if-missing", &file, "0666"]] {
        assert_eq!(place.run(arguments, &[]).code, Some(0), "{arguments:?}");
        assert_eq!((read(&place, "new"), mode(&place, "new")), (before.clone(), 0o640));
    }
    let _ = place.run(&["keygen", "--if-missing", &place.text("other")], &[]);
    assert_eq!(mode(&place, "other"), 0o600);
    assert_eq!(place.named(""), ["keys", "new", "other"]);
}

#[test]
fn a_file_that_cannot_be_used_is_neither_taken_for_one_nor_changed() {
    let place = place();
    let unsound = tokens::KEY_FILE.to_owned() + "\nother:c2hvcnQ\n";
    symlink(place.path("elsewhere"), place.path("link")).expect("the folder is ours");
    for (content, word) in [(&unsound[..], "line 3"), ("", "no key"), ("# no key yet\n", "no key")] {
        for option in ["--if-missing", "--rotate", "--retire"] {
            place.write("new", content);
            let ended = place.run(&["keygen", option, &place.text("new")], &[]);
            assert_eq!(ended.code, Some(1), "{option}");
            assert!(ended.err.contains(word) && ended.err.contains(&place.text("new")), "{}", ended.err);
            assert!(!ended.err.contains("c2hvcnQ"), "{}", ended.err);
            assert_eq!((read(&place, "new"), place.named("")), (content.to_owned(), names(&["keys", "new"])));
        }
    }
    for (option, name) in
        [("--rotate", "missing"), ("--retire", "missing"), ("--rotate", "link"), ("--if-missing", "link")]
    {
        let ended = place.run(&["keygen", option, &place.text(name)], &[]);
        assert_eq!(ended.code, Some(1), "{option} {name}");
        assert!(ended.err.contains(&place.text(name)), "{}", ended.err);
        assert_eq!(place.named(""), ["keys", "new"], "{option} {name}");
    }
}

#[test]
fn of_many_who_make_a_missing_file_at_once_all_find_the_same_whole_one() {
    let place = place();
    for round in 0..8 {
        let name = format!("new-{round}");
        let file = place.text(&name);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let ended = place.run(&["keygen", "--if-missing", &file], &[]);
                    assert_eq!(ended.code, Some(0), "{}", ended.err);
                });
            }
        });
        assert_eq!(read(&place, &name).lines().count(), 1);
        let checked = place.run(&["keygen", "--if-missing", &file], &[]);
        assert_eq!((checked.code, place.named(&name)), (Some(0), vec![name]), "{}", checked.err);
    }
}

#[test]
fn rotate_puts_a_new_key_in_front_and_keeps_all_else() {
    let place = place();
    let mut before =
        "# the keys of the lab\n\n".to_owned() + tokens::KEY_FILE + "# the end, without a line feed";
    place.write("keys", &before);
    fs::set_permissions(place.path("keys"), Permissions::from_mode(0o666)).expect("the file is ours");
    for _ in 0..2 {
        let ended = place.run(&["keygen", "--rotate", &place.text("keys")], &[]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let after = read(&place, "keys");
        let line = after.strip_suffix(&before[..]).expect("what was there is there");
        let (kid, key) = line.strip_suffix('\n').and_then(|line| line.split_once(':')).expect("a key line");
        assert!(!kid.contains('\n') && !before.contains(kid) && !before.contains(key));
        assert!(!ended.out.contains(key), "the key is not shown");
        assert_eq!((mode(&place, "keys"), place.named("")), (0o666, names(&["keys"])));
        before = after;
    }
}

#[test]
fn a_symlink_is_followed_and_stays_one() {
    let place = place();
    let folder = place.path("elsewhere");
    fs::create_dir(&folder).expect("the folder is ours");
    symlink("elsewhere/there", place.path("link")).expect("the folder is ours");
    for (option, lines) in [("--rotate", 2), ("--retire", 1)] {
        fs::write(folder.join("there"), tokens::KEY_FILE).expect("the folder is ours");
        let ended = place.run(&["keygen", option, &place.text("link")], &[]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(fs::symlink_metadata(place.path("link")).expect("it is there").is_symlink());
        assert_eq!(read(&place, "elsewhere/there").lines().count(), lines, "{option}");
        assert_eq!((fs::read_dir(&folder).expect("ours").count(), place.named("").len()), (1, 2));
    }
}

#[test]
fn tokens_of_an_old_key_hold_until_it_is_retired() {
    let place = place();
    let mut service = place.serve();
    let _ = register(&service.client(), "ada", PASSWORD).expect(201);
    let old = token(&log_in(&service.client(), "ada", PASSWORD));
    drop(service);
    assert_eq!(place.run(&["keygen", "--rotate", &place.text("keys")], &[]).code, Some(0));

    let mut service = place.serve();
    let _ = service.client().with_token(&old).get("/me").expect(200);
    let new = token(&log_in(&service.client(), "ada", PASSWORD));
    let kid = |token: &str| tokens::read(token).0["kid"].as_str().expect("a kid").to_owned();
    assert!(read(&place, "keys").starts_with(&format!("{}:", kid(&new))));
    assert_ne!(kid(&new), kid(&old));
    drop(service);

    let first = read(&place, "keys").lines().next().map(|line| format!("{line}\n")).expect("a line");
    place.write("keys", "# new\n".to_owned() + &read(&place, "keys"));
    fs::set_permissions(place.path("keys"), Permissions::from_mode(0o640)).expect("the file is ours");
    assert_eq!(place.run(&["keygen", "--retire", &place.text("keys")], &[]).code, Some(0));
    assert_eq!((read(&place, "keys"), mode(&place, "keys")), (first, 0o640));
    let mut service = place.serve();
    let _ = service.client().with_token(&new).get("/me").expect(200);
    let _ = service.client().with_token(&old).get("/me").expect(401);
}

#[test]
fn a_key_that_was_made_signs_and_verifies_and_no_two_are_alike() {
    let place = place();
    for name in ["one", "two"] {
        assert_eq!(place.run(&["keygen", &place.text(name)], &[]).code, Some(0));
    }
    assert_ne!(read(&place, "one"), read(&place, "two"));
    let mut service = place.serve_with(&[("JWT_KEYS_FILE", &place.text("one"))]);
    let _ = register(&service.client(), "ada", PASSWORD).expect(201);
    let old = token(&log_in(&service.client(), "ada", PASSWORD));
    let _ = service.client().with_token(&old).get("/me").expect(200);
    drop(service);

    // Rotated: the new key signs, what the old one signed is good still; once it is gone, no more.
    place.write("both", read(&place, "two") + &read(&place, "one"));
    let mut service = place.serve_with(&[("JWT_KEYS_FILE", &place.text("both"))]);
    let _ = service.client().with_token(&old).get("/me").expect(200);
    let new = token(&log_in(&service.client(), "ada", PASSWORD));
    drop(service);
    let mut service = place.serve_with(&[("JWT_KEYS_FILE", &place.text("two"))]);
    let _ = service.client().with_token(&new).get("/me").expect(200);
    let _ = service.client().with_token(&old).get("/me").expect(401);
}
