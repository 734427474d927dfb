//! `auth keygen`, which creates, rotates and retires signing keys.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};

use testkit::{Binary, Ended, TestDir, tokens, write_private};

use crate::service::{PASSWORD, log_in, register, test_dir, token};

fn mode(dir: &TestDir, name: &str) -> u32 {
    fs::metadata(dir.path(name)).expect("a file").permissions().mode() & 0o7777
}

fn read(dir: &TestDir, name: &str) -> String {
    fs::read_to_string(dir.path(name)).expect("a file")
}

fn keygen(dir: &TestDir, arguments: &[&str]) -> Ended {
    dir.run(&[&["keygen"], arguments].concat(), &[])
}

#[test]
fn new_key_file_is_readable_by_its_owner_only() {
    let dir = test_dir();
    let ended = keygen(&dir, &[&dir.text("new")]);
    assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
    assert_eq!(mode(&dir, "new"), 0o600);
    let file = read(&dir, "new");
    let (kid, key) = file.strip_suffix('\n').and_then(|line| line.split_once(':')).expect("one line kid:key");
    assert!(!kid.is_empty() && kid.bytes().all(|b| b.is_ascii_alphanumeric()), "{kid}");
    assert!(
        key.len() >= 43 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)),
        "base64url"
    );
    assert!(!ended.out.contains(key), "the key is printed");
}

#[test]
fn given_mode_is_set_whatever_the_umask_is() {
    let dir = test_dir();
    for given in ["0640", "644", "0444", "0755"] {
        let name = format!("keys-{given}");
        assert_eq!(keygen(&dir, &[&dir.text(&name), given]).code, Some(0));
        assert_eq!(mode(&dir, &name), u32::from_str_radix(given, 8).expect("octal"));
    }
    for wrong in ["rw", "0999", "01777", "-1", "", "0666", "0620"] {
        let ended = keygen(&dir, &[&dir.text("wrong"), wrong]);
        assert_eq!(ended.code, Some(64), "{wrong}");
        assert!(!dir.path("wrong").exists(), "{wrong}");
    }
}

#[test]
fn existing_file_is_never_overwritten() {
    let dir = test_dir();
    let _ = keygen(&dir, &[&dir.text("new")]);
    let before = read(&dir, "new");
    symlink(dir.path("elsewhere"), dir.path("link")).expect("a new file");
    for name in ["new", "link", ""] {
        let ended = keygen(&dir, &[&dir.text(name)]);
        assert_eq!(ended.code, Some(1), "{name}");
        assert!(ended.err.contains(&dir.text(name)), "{}", ended.err);
    }
    assert_eq!(read(&dir, "new"), before);
    assert!(!dir.path("elsewhere").exists());
    let ended = keygen(&dir, &[&dir.text("no/such/folder/keys")]);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
}

#[test]
fn invalid_arguments_are_a_usage_error_and_create_no_file() {
    let dir = test_dir();
    let file = dir.text("new");
    let here = dir.path("");
    for arguments in [
        &[][..],
        &["a", "0600", "b"],
        &["--nonsense"],
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
        let in_folder = ["-c", "cd \"$0\" && exec \"$@\"", here.to_str().expect("text")];
        let keygen = [&in_folder[..], &[env!("CARGO_BIN_EXE_auth"), "keygen"], arguments].concat();
        assert_eq!(testkit::run("/bin/sh", &keygen, &[]).code, Some(64), "{arguments:?}");
        assert_eq!(dir.named(""), ["keys"], "{arguments:?}");
    }
}

#[test]
fn if_missing_creates_a_file_or_keeps_a_valid_one() {
    let dir = test_dir();
    let file = dir.text("new");
    let ended = keygen(&dir, &["--if-missing", &file, "0640"]);
    assert_eq!((ended.code, mode(&dir, "new")), (Some(0), 0o640), "{}", ended.err);
    let before = "# ours\n\n".to_owned() + &read(&dir, "new") + tokens::KEY_FILE.trim();
    dir.write("new", &before);
    for arguments in [&["--if-missing", &file][..], &["--if-missing", &file, "0444"]] {
        assert_eq!(keygen(&dir, arguments).code, Some(0), "{arguments:?}");
        assert_eq!((read(&dir, "new"), mode(&dir, "new")), (before.clone(), 0o640));
    }
    let _ = keygen(&dir, &["--if-missing", &dir.text("other")]);
    assert_eq!(mode(&dir, "other"), 0o600);
    assert_eq!(dir.named(""), ["keys", "new", "other"]);
}

#[test]
fn invalid_key_file_is_refused_and_left_as_it_is() {
    let dir = test_dir();
    let invalid = tokens::KEY_FILE.to_owned() + "\nother:c2hvcnQ\n";
    symlink(dir.path("elsewhere"), dir.path("link")).expect("a new file");
    for (content, word) in [(&invalid[..], "line 3"), ("", "no key"), ("# no key yet\n", "no key")] {
        for option in ["--if-missing", "--rotate", "--retire"] {
            dir.write("new", content);
            let ended = keygen(&dir, &[option, &dir.text("new")]);
            assert_eq!(ended.code, Some(1), "{option}");
            assert!(ended.err.contains(word) && ended.err.contains(&dir.text("new")), "{}", ended.err);
            assert!(!ended.err.contains("c2hvcnQ"), "{}", ended.err);
            assert_eq!(read(&dir, "new"), content);
            assert_eq!(dir.named(""), ["keys", "new"]);
        }
    }
    for (option, name) in
        [("--rotate", "missing"), ("--retire", "missing"), ("--rotate", "link"), ("--if-missing", "link")]
    {
        let ended = keygen(&dir, &[option, &dir.text(name)]);
        assert_eq!(ended.code, Some(1), "{option} {name}");
        assert!(ended.err.contains(&dir.text(name)), "{}", ended.err);
        assert_eq!(dir.named(""), ["keys", "new"], "{option} {name}");
    }
}

#[test]
fn concurrent_if_missing_creates_one_complete_file() {
    let dir = test_dir();
    for round in 0..8 {
        let name = format!("new-{round}");
        let file = dir.text(&name);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let ended = keygen(&dir, &["--if-missing", &file]);
                    assert_eq!(ended.code, Some(0), "{}", ended.err);
                });
            }
        });
        assert_eq!(read(&dir, &name).lines().count(), 1);
        let checked = keygen(&dir, &["--if-missing", &file]);
        assert_eq!((checked.code, dir.named(&name)), (Some(0), vec![name]), "{}", checked.err);
    }
}

#[test]
fn rotate_adds_a_key_in_front_and_keeps_the_rest() {
    let dir = test_dir();
    let mut before =
        "# the keys of the lab\n\n".to_owned() + tokens::KEY_FILE + "# the end, without a line feed";
    dir.write("keys", &before);
    fs::set_permissions(dir.path("keys"), Permissions::from_mode(0o644)).expect("a file");
    for _ in 0..2 {
        let ended = keygen(&dir, &["--rotate", &dir.text("keys")]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let after = read(&dir, "keys");
        let line = after.strip_suffix(&before[..]).expect("the old lines");
        let (kid, key) = line.strip_suffix('\n').and_then(|line| line.split_once(':')).expect("a key line");
        assert!(!kid.contains('\n') && !before.contains(kid) && !before.contains(key));
        assert!(!ended.out.contains(key), "the key is printed");
        assert_eq!(mode(&dir, "keys"), 0o644);
        assert_eq!(dir.named(""), ["keys"]);
        before = after;
    }
}

#[test]
fn symlink_is_followed_and_stays_a_symlink() {
    let dir = test_dir();
    let folder = dir.path("elsewhere");
    fs::create_dir(&folder).expect("a new file");
    symlink("elsewhere/there", dir.path("link")).expect("a new file");
    for (option, lines) in [("--rotate", 2), ("--retire", 1)] {
        write_private(&folder.join("there"), tokens::KEY_FILE);
        let ended = keygen(&dir, &[option, &dir.text("link")]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(fs::symlink_metadata(dir.path("link")).expect("a file").is_symlink());
        assert_eq!(read(&dir, "elsewhere/there").lines().count(), lines, "{option}");
        assert_eq!((fs::read_dir(&folder).expect("a folder").count(), dir.named("").len()), (1, 2));
    }
}

#[test]
fn token_of_an_old_key_is_valid_until_it_is_retired() {
    let dir = test_dir();
    let keys = dir.text("new");
    let dir = dir.with("JWT_KEYS_FILE", &keys);
    let log_in = |process: &mut Binary| token(&log_in(&process.client(), "ada", PASSWORD));
    let me = |process: &mut Binary, token: &str| process.client().with_token(token).get("/me").status;
    let kid = |token: &str| tokens::read(token).0["kid"].as_str().expect("a kid").to_owned();

    assert_eq!(keygen(&dir, &[&keys]).code, Some(0));
    let mut process = dir.serve();
    let _ = register(&process.client(), "ada", PASSWORD).expect(201);
    let old = log_in(&mut process);
    drop(process);

    assert_eq!(keygen(&dir, &["--rotate", &keys]).code, Some(0));
    let mut process = dir.serve();
    let new = log_in(&mut process);
    assert_eq!((me(&mut process, &old), me(&mut process, &new)), (200, 200));
    assert!(read(&dir, "new").starts_with(&format!("{}:", kid(&new))));
    assert_ne!(kid(&new), kid(&old));
    drop(process);

    let first = read(&dir, "new").lines().next().map(|line| format!("{line}\n")).expect("a line");
    dir.write("new", "# new\n".to_owned() + &read(&dir, "new"));
    fs::set_permissions(dir.path("new"), Permissions::from_mode(0o640)).expect("a file");
    assert_eq!(keygen(&dir, &["--retire", &keys]).code, Some(0));
    assert_eq!((read(&dir, "new"), mode(&dir, "new")), (first, 0o640));
    let mut process = dir.serve();
    assert_eq!((me(&mut process, &old), me(&mut process, &new)), (401, 200));
}
