//! Files that hold secrets, and files that must never be half-written.

use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Write},
    path::Path,
    time::{Duration, Instant},
};

/// Whether others may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody.
    Public,
    /// Its owner only.
    Private,
}

/// Replaces `path` by a file with `content`: after a crash there is the old file or the new one, whole.
pub(crate) fn replace(path: &Path, content: &[u8], access: Access) -> Result<()> {
    let folder =
        path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".sinpyo-")
        .tempfile_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    // A temporary file is created with O_EXCL and mode 0600.
    file.write_all(content).and_then(|()| file.as_file().sync_all()).context("cannot write the file")?;
    if access == Access::Public {
        open_to_others(file.as_file())?;
    }
    file.persist(path).with_context(|| format!("cannot replace {}", path.display()))?;
    make_durable(folder)
}

/// Waits until what was renamed in `folder` is so after a crash too.
pub(crate) fn make_durable(folder: &Path) -> Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.context("cannot make the change of the folder durable")
}

/// Creates `path`, which must not exist yet.
pub(crate) fn create(path: &Path, content: &[u8], access: Access) -> Result<()> {
    if path.exists() {
        bail!("{} exists already", path.display());
    }
    replace(path, content, access)
}

/// Creates a folder that only its owner can look into. One that is there and open to others is refused, not changed: it
/// may be shared on purpose.
pub(crate) fn private_folder(path: &Path) -> Result<()> {
    if path.exists() {
        let metadata =
            fs::symlink_metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if !metadata.is_dir() {
            bail!("{} is not a folder", path.display());
        }
        return refuse_if_open_to_others(path, &metadata, "700");
    }
    fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
    restrict_folder(path)
}

/// Reads a file with a secret. One that others can read or write is refused, and so is a link.
pub(crate) fn read_private(path: &Path) -> Result<Vec<u8>> {
    let metadata = fs::symlink_metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !metadata.is_file() {
        bail!("{} is not a regular file", path.display());
    }
    refuse_if_open_to_others(path, &metadata, "600")?;
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a public file of at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    // A device or pipe has no length and might never end.
    if !fs::metadata(path).with_context(cannot)?.is_file() {
        bail!("{} is not a regular file", path.display()); // [CLI-08]
    }
    let mut content = Vec::new();
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut content)).with_context(cannot)?;
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        bail!("{} is longer than {limit} bytes", path.display()); // [CLI-08]
    }
    Ok(content)
}

#[cfg(unix)]
fn open_to_others(file: &File) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644)).context("cannot set the mode of the file")
}

#[cfg(unix)]
fn restrict_folder(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).context("cannot restrict the folder")
}

#[cfg(unix)]
fn refuse_if_open_to_others(path: &Path, metadata: &fs::Metadata, mode: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 != 0 {
        bail!("{} can be read by others; run chmod {mode} on it", path.display()); // [CLI-06]
    }
    Ok(())
}

/// How long a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the lock of a folder for as long as the returned file lives, waiting a while for whoever has it.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.with_context(|| format!("cannot open {}", path.display()))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => bail!(
                "another process works with {}; if it serves a registry, use that: --registry URL",
                path.parent().unwrap_or(path).display()
            ),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"secret", Access::Private).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_private(&path).unwrap(), b"secret");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_private(&path).unwrap_err().to_string().contains("chmod 600"));
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read_private(&link).unwrap_err().to_string().contains("not a regular file"));
    }

    #[test]
    fn a_folder_that_is_open_to_others_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (shared, own) = (folder.path().join("shared"), folder.path().join("own"));
        fs::create_dir(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(private_folder(&shared).unwrap_err().to_string().contains("chmod 700"));
        assert_eq!(fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o777);
        private_folder(&own).unwrap();
        private_folder(&own).unwrap();
        assert_eq!(fs::metadata(&own).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn what_has_no_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert!(read(&link, 10).unwrap_err().to_string().contains("not a regular file"));
        assert!(read(folder.path(), 10).is_err());
        fs::write(folder.path().join("long"), [0; 11]).unwrap();
        assert!(read(&folder.path().join("long"), 10).unwrap_err().to_string().contains("longer than 10"));
    }

    #[test]
    fn a_file_is_replaced_whole_and_created_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&path, b"one", Access::Public).unwrap();
        assert!(create(&path, b"two", Access::Public).is_err());
        replace(&path, b"two", Access::Public).unwrap();
        assert_eq!(read(&path, 10).unwrap(), b"two");
        assert!(read(&path, 2).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }
}
