//! A disk of a few hundred KiB: a tmpfs in its own namespace, which needs no root.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use faults::Store;
use faults::services::exe;
use testkit::{Binary, Ended, run_between};

/// The unit in which a tmpfs allocates.
const BLOCK: usize = 4096;

/// The mounted disk. Dropping it ends the namespace.
pub(crate) struct SmallDisk {
    /// A sleeping process that keeps the namespace.
    keeper: Binary,
    folder: String,
}

impl SmallDisk {
    /// Mounts a disk of this many KiB, and moves the store of the service onto it.
    pub(crate) fn below(store: Store, kib: usize) -> (Self, Store) {
        let folder = store.dir.text("disk");
        fs::create_dir(&folder).expect("the folder is writable");
        let script = format!(
            "exec unshare --user --map-root-user --mount /bin/sh -c \
             'mount -t tmpfs -o size={kib}k none {folder} && echo mounted && exec sleep 900'"
        );
        let mut keeper = Binary::start("/bin/sh", &["-c", &script], &[]);
        keeper.shows("the disk is mounted", |keeper| keeper.output().contains("mounted").then_some(()));
        let store = store.at(&format!("{folder}/store"));
        (Self { keeper, folder }, store)
    }

    /// Starts the service in the namespace of the disk.
    pub(crate) fn serve(&self, store: &Store) -> Binary {
        store.dir.serve_after(&format!("{} \"$0\" serve", self.enter()))
    }

    /// Runs `backup` or `restore` in the namespace to its end.
    pub(crate) fn run(
        &self,
        store: &Store,
        command: &str,
        input: impl Into<Stdio>,
        output: impl Into<Stdio>,
    ) -> Ended {
        let script = format!("{} \"$0\" {command}", self.enter());
        let path = format!("{}/store", self.folder);
        let arguments = ["-c", &script, &exe(store.service)];
        run_between(input, "/bin/sh", &arguments, &[(store.variable, &path)], output)
    }

    fn enter(&self) -> String {
        format!("exec nsenter --target {} --user --mount --preserve-credentials", self.keeper.id())
    }

    /// Returns the path of a file on the disk outside the namespace.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::new(&format!("/proc/{}/root{}", self.keeper.id(), self.folder)).join(name)
    }

    /// Returns the names of the files, except the ballast.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).expect("the disk is readable");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.expect("an entry"))).collect();
        names.retain(|name| name != "ballast");
        names.sort();
        names
    }

    /// Fills the disk with ballast, except for this many blocks.
    pub(crate) fn fill(&self, leave: u64) {
        let ballast = OpenOptions::new().create(true).append(true).open(self.path("ballast"));
        let mut ballast = ballast.expect("the disk is writable");
        let full = loop {
            if let Err(error) = ballast.write_all(&[0; BLOCK]) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull, "{full}");
        let length = ballast.metadata().expect("the ballast is there").len();
        ballast.set_len(length - leave * BLOCK as u64).expect("the ballast can shrink");
    }

    /// Removes the ballast.
    pub(crate) fn free(&self) {
        fs::remove_file(self.path("ballast")).expect("the disk was filled");
    }

    /// Removes all files except the ballast.
    pub(crate) fn remove_all(&self) {
        for name in self.names() {
            fs::remove_file(self.path(&name)).expect("the file is unused");
        }
    }
}
