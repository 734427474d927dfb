//! A headless Chromium that is controlled by its DevTools protocol: JSON messages over two pipes, each with a final
//! NUL.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::PATIENCE;

/// Chromium reads messages from file descriptor 3 and writes them to 4. It runs without its sandbox, which does not start
/// for root, the user of CI; it opens only our pages. `$1` maps host names to addresses; no other name is resolved.
const COMMAND: &str = r#"exec chromium --headless --remote-debugging-pipe --no-sandbox --disable-gpu \
    --disable-dev-shm-usage --hide-scrollbars --no-first-run --host-resolver-rules="$1 MAP * ~NOTFOUND , EXCLUDE 127.0.0.*" \
    --user-data-dir="$0" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// The preference of a user who blocks the data of all sites: storage throws an exception instead of being empty.
const SITE_DATA_BLOCKED: &str = r#"{"profile": {"default_content_setting_values": {"cookies": 2}}}"#;

/// A browser with a new profile.
pub(super) struct Chromium {
    process: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    events: Vec<Value>,
    sent: u64,
    _profile: TempDir,
}

impl Chromium {
    /// Starts a browser that connects to an address for each `host:port`.
    pub(super) fn start(names: &[(&str, SocketAddr)]) -> Self {
        Self::start_with(names, "{}")
    }

    /// Starts a browser that blocks the data of sites.
    pub(super) fn start_without_site_data(names: &[(&str, SocketAddr)]) -> Self {
        Self::start_with(names, SITE_DATA_BLOCKED)
    }

    fn start_with(names: &[(&str, SocketAddr)], preferences: &str) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        fs::create_dir(profile.path().join("Default")).expect("a new folder");
        fs::write(profile.path().join("Default/Preferences"), preferences).expect("a new file");
        let mut process = Command::new("sh")
            .args(["-c", COMMAND])
            .arg(profile.path())
            .arg(names.iter().map(|(name, address)| format!("MAP {name} {address} , ")).collect::<String>())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("a message is JSON");
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { process, input, messages, events: Vec::new(), sent: 0, _profile: profile }
    }

    /// Calls a method, in a session unless that is `None`, and returns its result.
    pub(super) fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        write!(self.input, "{message}\0").expect("these tests need chromium; install it");
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Events of a busy page come before the answer, and for ever.
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = self.messages.recv_timeout(left);
            let mut answer = answer.unwrap_or_else(|error| panic!("chromium, {method}: {error}"));
            if answer["id"] == self.sent {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    /// Returns the events so far.
    pub(super) fn events(&self) -> &[Value] {
        &self.events
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
