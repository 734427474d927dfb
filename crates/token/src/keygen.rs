//! What an operator does to a key file: make it, put a new signing key in front, drop the old ones. A crash
//! leaves the file as it was or as it is to be.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use daemon::files::{beside, sync_name};
use jwt_simple::reexports::ct_codecs::{Base64UrlSafeNoPadding, Encoder as _};

use crate::keys::{KEY_BYTES, Keys, key_lines};

/// Makes a key file with one new random key.
///
/// # Errors
/// A sentence, also where the file is there already: it is never overwritten.
pub fn generate(path: &Path, mode: u32) -> Result<(), String> {
    let draft = Draft::write(path, mode, &new_line()?);
    // A link overwrites nothing.
    let made = draft.and_then(|draft| fs::hard_link(&draft.0, path));
    made.and_then(|()| sync_name(path)).map_err(|error| format!("cannot make {}: {error}", path.display()))
}

/// Makes a key file where there is none.
///
/// # Errors
/// A sentence, also where the file that is there cannot be used.
pub fn generate_if_missing(path: &Path, mode: u32) -> Result<(), String> {
    if !path.exists() {
        match generate(path, mode) {
            // Another process was faster.
            Err(_) if path.exists() => {}
            made => return made,
        }
    }
    Keys::load(&path.to_string_lossy()).map(drop)
}

/// Puts a new key in front, which signs from the next start on. Those that are there go on verifying.
///
/// # Errors
/// A sentence; the file is what it was.
pub fn rotate(path: &Path) -> Result<(), String> {
    let line = new_line()?;
    rewrite(path, |text| line + text)
}

/// Drops all keys but the one that signs.
///
/// # Errors
/// A sentence; the file is what it was.
pub fn retire(path: &Path) -> Result<(), String> {
    let signing = |text: &str| key_lines(text).take(1).map(|(_, line)| format!("{line}\n")).collect();
    rewrite(path, signing)
}

/// Replaces what a key file says.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> String) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot change {}: {error}", path.display());
    // Where the name is a link, what it points to is what is replaced.
    let path = &fs::canonicalize(path).map_err(failed)?;
    let text = fs::read_to_string(path).map_err(failed)?;
    Keys::parse(&text).map_err(|wrong| format!("{}: {wrong}", path.display()))?;
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    let draft = Draft::write(path, mode, &change(&text)).map_err(failed)?;
    fs::rename(&draft.0, path).and_then(|()| sync_name(path)).map_err(failed)
}

/// A line with a new key: 32 bits name it, and 256 are the key.
fn new_line() -> Result<String, String> {
    let mut random = [0; 4 + KEY_BYTES];
    getrandom::fill(&mut random).map_err(|error| format!("the kernel gave no random bytes: {error}"))?;
    let (kid, key) = random.split_at(4);
    let kid: String = kid.iter().map(|byte| format!("{byte:02x}")).collect();
    let key = Base64UrlSafeNoPadding::encode_to_string(key).expect("32 bytes can be encoded");
    Ok(format!("{kid}:{key}\n"))
}

/// A file beside the one that is meant, whole before it gets the name. What is left of it goes when dropped: it
/// would be a secret that nobody watches.
struct Draft(PathBuf);

impl Draft {
    fn write(path: &Path, mode: u32, text: &str) -> io::Result<Self> {
        let draft = beside(path, &format!(".{:08x}", getrandom::u32()?));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        let draft = Self(draft);
        file.write_all(text.as_bytes())?;
        // Whatever the umask takes away, the mode is as told.
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()?;
        Ok(draft)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Gone already where it was renamed.
        let _ = fs::remove_file(&self.0);
    }
}
