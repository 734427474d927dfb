//! Restarts the version with the command of `--restart`.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Subject;
use crate::outcome::{Stop, fail, skip};
use crate::text::{formatted, text};

/// A container needs some seconds to stop and to start.
const LONGEST_START: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);

impl Subject {
    /// Gets another token: some versions sign with another secret, or have lost the account, after each start.
    fn log_in_again(&mut self) {
        let Some(login) = self.login.clone() else { return };
        let mut token = self.token_from(&login);
        if let (None, true, Some(register)) = (&token, login.is_own, &self.register) {
            let body = self.credentials(&login.username, &login.password);
            self.request_to("POST", register.clone()).without_token().json(body).send();
            token = self.token_from(&login);
        }
        if let (Some(token), Some(current)) = (token, &mut self.token) {
            current.value = token;
        }
    }

    /// Runs the command, and waits until the services answer again. Without a command it skips the check.
    pub(crate) fn restart(&mut self) -> Result<(), Stop> {
        let Some(command) = self.restart_command.clone() else {
            return skip(text(
                "needs `--restart COMMAND`, which restarts the version",
                "demande `--restart COMMANDE`, qui redémarre la version",
            ));
        };
        // The command may leave services behind: they must not hold this program's output open.
        let ran = Command::new("sh")
            .args(["-c", &command])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if !ran.as_ref().is_ok_and(|status| status.success()) {
            return skip(formatted(
                format!("{command:?} failed: {ran:?}"),
                format!("{command:?} a échoué : {ran:?}"),
            ));
        }
        let deadline = Instant::now() + LONGEST_START;
        while !self.all_answer() {
            if Instant::now() > deadline {
                return fail(formatted(
                    format!("the services do not answer {} s after the restart", LONGEST_START.as_secs()),
                    format!(
                        "les services ne répondent pas {} s après le redémarrage",
                        LONGEST_START.as_secs()
                    ),
                ));
            }
            thread::sleep(POLL);
        }
        self.log_in_again();
        Ok(())
    }
}
