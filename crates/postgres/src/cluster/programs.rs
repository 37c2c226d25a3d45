use std::{
    env, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Where PostgreSQL's programs are, and as whom they run.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    /// Set where this process is root.
    user: Option<&'static str>,
}

impl Programs {
    /// Looks in `PATH`, then where Debian installs them, newest first; `None` if there are none.
    pub fn find() -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let in_path = env::split_paths(&path).map(|folder| folder.join("initdb"));
        let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|versions| versions.flatten().map(|version| version.path().join("bin/initdb")).collect())
            .unwrap_or_default();
        debian.sort();
        let initdb = in_path.chain(debian.into_iter().rev()).find_map(|path| path.canonicalize().ok())?;
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user =
            if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" };
        Some(Self { folder: initdb.parent()?.into(), user: is_root.then_some(user) })
    }

    /// [`Programs::find`]; without PostgreSQL it prints that the test is skipped.
    ///
    /// # Panics
    /// There is no PostgreSQL, and `SINPYO_REQUIRE_ALL=1` asks for all tests.
    pub fn find_or_skip() -> Option<Self> {
        let found = Self::find();
        if found.is_none() {
            let required = env::var_os("SINPYO_REQUIRE_ALL").is_some_and(|value| value == "1");
            assert!(!required, "PostgreSQL is not installed");
            eprintln!("skipped: PostgreSQL is not installed");
        }
        found
    }

    /// The program `name`, to be run as the user that the servers run as.
    pub(super) fn command(&self, name: &str) -> Command {
        let program = self.folder.join(name);
        let Some(user) = self.user else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).arg("--clear-groups").arg("--").arg(program);
        command
    }

    /// Gives `folder` to the user that the servers run as.
    pub(super) fn own(&self, folder: &Path) -> io::Result<()> {
        let Some(user) = self.user else { return Ok(()) };
        checked(Command::new("chown").arg(user).arg(folder)).map(drop)
    }
}

/// Runs `command` to its end.
pub(super) fn checked(command: &mut Command) -> io::Result<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let program = command.get_args().last().unwrap_or_default().to_string_lossy().into_owned();
    Err(io::Error::other(format!("{program}: {}", String::from_utf8_lossy(&output.stderr))))
}
