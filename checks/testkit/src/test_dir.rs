//! A temporary folder in which a test starts a service: its keys, its store, its environment.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::{TempDir, tempfile};

use crate::{Binary, Ended, run, run_between, tokens};

/// Writes a file; a new one is readable by its user only.
pub fn write_private(path: &Path, content: impl AsRef<[u8]>) {
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(content.as_ref())).expect("the folder is ours");
}

/// The commands for a store need no key.
const WITHOUT_KEYS: &[(&str, &str)] = &[("JWT_KEYS_FILE", "")];

/// A folder, and the service that is started in it: on a free port, with the key file of [`tokens::KEY_FILE`].
#[derive(Debug)]
pub struct TestDir {
    exe: String,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

impl TestDir {
    /// Creates a folder for this binary. `listen` and `store` are the names of its variables; its store is the
    /// file `store` in the folder.
    pub fn new(exe: &str, listen: &str, store: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut dir = Self { exe: exe.to_owned(), environment: Vec::new(), folder };
        dir.write("keys", tokens::KEY_FILE);
        for (name, value) in
            [(listen, "127.0.0.1:0"), (store, &dir.text("store")), ("JWT_KEYS_FILE", &dir.text("keys"))]
        {
            dir.environment.push((name.to_owned(), value.to_owned()));
        }
        dir
    }

    /// Sets a variable for every process that is started here.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the path of a file in the folder as text, for a variable or an argument.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("the path is UTF-8").to_owned()
    }

    /// Writes a file in the folder; a new one is readable by its user only, as the services require of a key file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        write_private(&self.path(name), content);
    }

    /// Returns the name and content of each file in the folder.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).expect("the folder is ours");
        let files =
            entries.map(|entry| entry.expect("it can be listed").path()).filter(|path| path.is_file());
        let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        files.map(|path| (name(&path), fs::read(path).expect("the file is ours"))).collect()
    }

    /// Returns the names of the files whose name contains a word.
    pub fn named(&self, word: &str) -> Vec<String> {
        self.files().into_keys().filter(|name| name.contains(word)).collect()
    }

    /// Starts the service.
    pub fn serve(&self) -> Binary {
        self.serve_with(&[])
    }

    /// Starts the service with some variables changed.
    pub fn serve_with(&self, changed: &[(&str, &str)]) -> Binary {
        Binary::start(&self.exe, &["serve"], &self.environment(changed))
    }

    /// Starts the service from a shell, after a command such as `ulimit` that changes the process.
    pub fn serve_after(&self, command: &str) -> Binary {
        let script = format!("{command}; exec \"$0\" serve");
        Binary::start("/bin/sh", &["-c", &script, &self.exe], &self.environment(&[]))
    }

    /// Runs the binary to its end with these arguments and some variables changed.
    pub fn run(&self, arguments: &[&str], changed: &[(&str, &str)]) -> Ended {
        run(&self.exe, arguments, &self.environment(changed))
    }

    /// Runs `backup` and returns the copy of the store.
    pub fn backup(&self) -> Vec<u8> {
        let mut file = tempfile().expect("a file");
        let ended = self.backup_to(file.try_clone().expect("the file is ours"));
        assert_eq!((ended.code, &ended.err[..]), (Some(0), ""));
        let mut copy = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut copy)).expect("the file is ours");
        copy
    }

    /// Runs `backup` to its end, writing to a file or a pipe.
    pub fn backup_to(&self, output: impl Into<Stdio>) -> Ended {
        run_between(Stdio::null(), &self.exe, &["backup"], &self.environment(WITHOUT_KEYS), output)
    }

    /// Runs `restore` to its end, with this copy.
    pub fn restore(&self, copy: impl AsRef<[u8]>) -> Ended {
        let mut file = tempfile().expect("a file");
        file.write_all(copy.as_ref()).and_then(|()| file.rewind()).expect("the file is ours");
        run_between(file, &self.exe, &["restore"], &self.environment(WITHOUT_KEYS), Stdio::piped())
    }

    fn environment<'e>(&'e self, changed: &[(&'e str, &'e str)]) -> Vec<(&'e str, &'e str)> {
        let own = self.environment.iter().map(|(name, value)| (&name[..], &value[..]));
        own.chain(changed.iter().copied()).collect()
    }
}
