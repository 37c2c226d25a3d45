//! Where the files of a run are.

use anyhow::{Context as _, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A folder that is gone after the run.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
    file_system: String,
}

impl Folder {
    /// Makes the folder below `parent`, which is created if it is absent.
    ///
    /// # Errors
    /// It cannot be made, or lies in memory: nothing is durable there.
    pub(super) fn create(parent: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        let folder = TempDir::with_prefix_in("bench-", parent)?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let file_system = file_system_of(&mounts, &folder.path().canonicalize()?);
        ensure!(
            !matches!(file_system.as_str(), "tmpfs" | "ramfs"),
            "{} lies in memory; give a folder on a disk with --dir",
            parent.display()
        );
        Ok(Self { folder, file_system })
    }

    /// The file `name` in it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes sure that `bytes` fit, with some to spare for others.
    ///
    /// # Errors
    /// They do not.
    pub(super) fn ensure_room(&self, bytes: u64) -> anyhow::Result<()> {
        let output = Command::new("df").args(["-Pk"]).arg(self.folder.path()).output().context("df")?;
        let free = free_bytes(&String::from_utf8_lossy(&output.stdout)).context("df says nothing")?;
        let needed = bytes + TO_SPARE;
        ensure!(free >= needed, "{} MiB are free, {} MiB are needed", free >> 20, needed >> 20);
        Ok(())
    }

    /// The file system it is on.
    pub(super) fn file_system(&self) -> &str {
        &self.file_system
    }
}

const TO_SPARE: u64 = 512 << 20;

/// The fourth column of the last line, in KiB [POSIX df -P].
fn free_bytes(table: &str) -> Option<u64> {
    let kibibytes: u64 = table.lines().last()?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kibibytes << 10)
}

/// The type of the file system that holds `path`, by the table `mounts` [proc(5), mountinfo].
fn file_system_of(mounts: &str, path: &Path) -> String {
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        let point = PathBuf::from(before.split(' ').nth(4)?);
        Some((point, after.split(' ').next()?.to_owned()))
    };
    let holding = mounts.lines().filter_map(mount).filter(|(point, _)| path.starts_with(point));
    // Of equal mount points the last one covers the others.
    let nearest = holding.max_by_key(|(point, _)| point.components().count());
    nearest.map_or_else(|| "unknown".to_owned(), |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_point_decides() {
        let mounts = "\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:26 / /tmp rw,nosuid - tmpfs tmpfs rw
31 21 0:27 / /tmpfiles rw - xfs /dev/vdb rw
32 21 0:28 / /tmp rw - btrfs /dev/vdc rw
";
        for (path, expected) in [("/srv/a", "ext4"), ("/tmp/a", "btrfs"), ("/tmpfiles", "xfs")] {
            assert_eq!(file_system_of(mounts, Path::new(path)), expected, "{path}");
        }
        assert_eq!(file_system_of("", Path::new("/")), "unknown");
    }

    #[test]
    fn free_space_is_in_the_fourth_column() {
        let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda 263 91 5 95% /\n";
        assert_eq!(free_bytes(table), Some(5 << 10));
        assert_eq!(free_bytes("no such file"), None);
    }
}
