//! A store in a folder of another user, as a start as root leaves it.

use std::fs;
use std::os::unix::fs::chown;

use faults::Store;

/// A user whom the namespace of the test does not know. Inside it Linux shows such users with the second number.
const STRANGER: u32 = 12_345;
const SHOWN: u32 = 65_534;

#[test]
fn a_folder_of_another_user_is_refused_with_both_users() {
    for service in ["auth", "person", "health"] {
        let store = Store::of(service);
        let mut folder = store.dir.text("theirs");
        fs::create_dir(&folder).expect("a new folder");
        // Only root may give a folder away. For everybody else the folder of the system belongs to a stranger.
        if chown(&folder, Some(STRANGER), None).is_err() {
            folder = "/usr".to_owned();
        }
        let store = store.at(&format!("{folder}/store"));
        // In its own namespace even root has no rights to the files of a stranger.
        let mut process = store.dir.serve_after("exec unshare --user --map-root-user \"$0\" serve");
        let refused = store.started(&mut process).expect_err("the folder cannot be written");
        let words = format!("{folder} belongs to the user {SHOWN}, and this process runs as 0");
        assert!(refused.contains("store.lock: Permission denied") && refused.contains(&words), "{refused}");
    }
}
