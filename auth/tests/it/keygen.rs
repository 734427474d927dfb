//! `auth keygen`: the only way to a key.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use testkit::Place;

use crate::lab::{PASSWORD, log_in, place, register, token};

fn mode(place: &Place, name: &str) -> u32 {
    fs::metadata(place.path(name)).expect("a file").permissions().mode() & 0o7777
}

fn read(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path(name)).expect("a file")
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
