//! The operator's changes to a key file: create it, put a new signing key first, drop the old keys. A crash leaves
//! either the old file or the new one.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use daemon::files::{beside, private, sync_name};
use daemon::system;
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Encoder as _};

use crate::keys::{KEY_BYTES, Keys, key_lines, read_text};

/// Creates a key file with one new random key.
///
/// # Errors
/// Returns an error message for the operator if the file cannot be created, or if it exists: it is never overwritten.
pub fn generate(path: &Path, mode: u32) -> anyhow::Result<()> {
    let what = || format!("cannot create {}", path.display());
    let temporary = TempFile::write(path, mode, &new_line()?).with_context(what)?;
    // Unlike a rename, a link never overwrites.
    fs::hard_link(&temporary.0, path).and_then(|()| sync_name(path)).with_context(what)
}

/// Creates a key file if missing.
///
/// # Errors
/// Returns an error message for the operator if the file cannot be created, or if it exists and is invalid.
pub fn generate_if_missing(path: &Path, mode: u32) -> anyhow::Result<()> {
    if !path.exists() {
        match generate(path, mode) {
            // Another process created it at the same time.
            Err(_) if path.exists() => {}
            created => return created,
        }
    }
    Keys::load(&path.to_string_lossy()).map(drop).map_err(anyhow::Error::msg)
}

/// Puts a new key first, which signs from the next start on. The other keys still verify.
///
/// # Errors
/// Returns an error message for the operator; the file is then unchanged.
pub fn rotate(path: &Path) -> anyhow::Result<()> {
    let line = new_line()?;
    rewrite(path, |text| line + text)
}

/// Drops all keys except the signing one.
///
/// # Errors
/// Returns an error message for the operator; the file is then unchanged.
pub fn retire(path: &Path) -> anyhow::Result<()> {
    let signing = |text: &str| key_lines(text).take(1).map(|(_, line)| format!("{line}\n")).collect();
    rewrite(path, signing)
}

/// Replaces the content of a key file.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> String) -> anyhow::Result<()> {
    let what = || format!("cannot change {}", path.display());
    // If the path is a symbolic link, the file that it points to is replaced.
    let path = &fs::canonicalize(path).with_context(what)?;
    let invalid = |error: String| anyhow!("{}: {error}", path.display());
    let text = read_text(&path.to_string_lossy()).map_err(anyhow::Error::msg).with_context(what)?;
    Keys::parse(&text).map_err(invalid)?;
    let mode = system::mode(&fs::metadata(path).with_context(what)?).unwrap_or(0o600);
    let temporary = TempFile::write(path, mode, &change(&text)).with_context(what)?;
    fs::rename(&temporary.0, path).and_then(|()| sync_name(path)).with_context(what)
}

/// Returns a line with a new key: 32 random bits as its name, 256 as the key.
fn new_line() -> anyhow::Result<String> {
    let mut random = [0; 4 + KEY_BYTES];
    getrandom::fill(&mut random).context("the kernel gave no random bytes")?;
    let (kid, key) = random.split_at(4);
    let kid: String = kid.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = Base64UrlSafeNoPadding::encode_to_string(key).expect("32 bytes can be encoded");
    Ok(format!("{kid}:{key}\n"))
}

/// A complete file under a temporary name. Dropping it removes it: it would be a secret that no operator knows of.
struct TempFile(PathBuf);

impl TempFile {
    fn write(path: &Path, mode: u32, text: &str) -> anyhow::Result<Self> {
        let name = beside(path, &format!(".{:08x}", getrandom::u32()?));
        let mut file = private().write(true).create_new(true).open(&name)?;
        let temporary = Self(name);
        file.write_all(text.as_bytes())?;
        // Set afterwards, because the umask applies to the mode in `open`.
        system::set_mode(&temporary.0, mode)?;
        file.sync_all()?;
        Ok(temporary)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // After a rename the name is gone.
        let _ = fs::remove_file(&self.0);
    }
}
