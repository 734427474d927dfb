//! The programs that a page about the lab in Flask needs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use crate::services::run;

const REQUIREMENTS: &str = "docs/fr/squelette/requirements.txt";

/// The folder of the built and installed programs.
pub(crate) struct Flask {
    target: PathBuf,
}

impl Flask {
    /// Builds `conformance`, and installs Flask under `target/` if it is missing.
    pub(crate) fn install(project: &Path) -> Result<Self, String> {
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
        let target = project.join(target);
        run(Command::new("cargo").current_dir(project).args(["build", "--quiet", "-p", "conformance"]))?;
        // Two pages may be run at the same time.
        let lock = File::create(target.join("flask.lock")).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(in_words)?;
        let folder = target.join("flask");
        // A copy of the list shows that an installation was completed, and of what.
        let (wanted, installed) = (project.join(REQUIREMENTS), folder.join("requirements.txt"));
        if fs::read(&installed).ok() != Some(fs::read(&wanted).map_err(in_words)?) {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let mut pip = Command::new(folder.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            run(pip.arg(&wanted))?;
            fs::copy(&wanted, &installed).map_err(in_words)?;
        }
        Ok(Self { target })
    }

    /// Returns the commands that make the programs known to a shell.
    pub(crate) fn exports(&self) -> [String; 3] {
        let target = self.target.display();
        [
            format!("export PATH=\"{target}/flask/bin:$PATH\""),
            format!("export CONFORMANCE=\"{target}/debug/conformance\""),
            "export PYTHONDONTWRITEBYTECODE=1".to_owned(),
        ]
    }
}

fn in_words(error: io::Error) -> String {
    error.to_string()
}
