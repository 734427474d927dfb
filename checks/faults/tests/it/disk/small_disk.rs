//! A disk of a few hundred KiB: a tmpfs in a namespace of its own, for which nobody need be root.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use testkit::{Binary, Ended, run_between};

use crate::disk::store::Store;

/// What a tmpfs gives out at once.
const BLOCK: usize = 4096;

/// The disk; it is there as long as this is.
pub(crate) struct SmallDisk {
    /// Sleeps in the namespace, and so keeps it.
    keeper: Binary,
    folder: String,
}

impl SmallDisk {
    /// Mounts one of this many KiB, and has the service keep its store on it.
    pub(crate) fn below(store: Store, kib: usize) -> (Self, Store) {
        let folder = store.place.text("disk");
        fs::create_dir(&folder).expect("the folder is ours");
        let script = format!(
            "exec unshare --user --map-root-user --mount /bin/sh -c \
             'mount -t tmpfs -o size={kib}k none {folder} && echo mounted && exec sleep 900'"
        );
        let mut keeper = Binary::start("/bin/sh", &["-c", &script], &[]);
        keeper.shows("the disk is mounted", |keeper| keeper.output().contains("mounted").then_some(()));
        let store = store.at(&format!("{folder}/store"));
        (Self { keeper, folder }, store)
    }

    /// Starts the service where it sees the disk.
    pub(crate) fn serve(&self, store: &Store) -> Binary {
        store.place.serve_after(&format!("{} \"$0\" serve", self.enter()))
    }

    /// Runs `backup` or `restore` there to its end.
    pub(crate) fn run(
        &self,
        store: &Store,
        command: &str,
        input: impl Into<Stdio>,
        output: impl Into<Stdio>,
    ) -> Ended {
        let script = format!("{} \"$0\" {command}", self.enter());
        let on_it = format!("{}/store", self.folder);
        run_between(input, "/bin/sh", &["-c", &script, &store.exe()], &[(store.variable, &on_it)], output)
    }

    fn enter(&self) -> String {
        format!("exec nsenter --target {} --user --mount --preserve-credentials", self.keeper.id())
    }

    /// A file on the disk, seen from outside.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::new(&format!("/proc/{}/root{}", self.keeper.id(), self.folder)).join(name)
    }

    /// The names on it, but for that of the ballast.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).expect("the disk is ours");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("it can be listed"))).collect();
        names.retain(|name| name != "ballast");
        names.sort();
        names
    }

    /// Fills it up to the last block, and then leaves so many blocks.
    pub(crate) fn fill(&self, leave: u64) {
        let mut ballast =
            OpenOptions::new().create(true).append(true).open(self.path("ballast")).expect("ours");
        let full = loop {
            if let Err(error) = ballast.write_all(&[0; BLOCK]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        let length = ballast.metadata().expect("ours").len();
        File::set_len(&ballast, length - leave * BLOCK as u64).expect("ours");
    }

    /// Removes the store and what belongs to it.
    pub(crate) fn remove_all(&self) {
        for name in self.names() {
            fs::remove_file(self.path(&name)).expect("nobody uses it");
        }
    }

    /// Makes room.
    pub(crate) fn free(&self) {
        fs::remove_file(self.path("ballast")).expect("it was filled");
    }
}
