//! What a client writes down: the only witness that the verdict hears.
//!
//! One record a line, each synced to the disk before the client goes on: `sent <operation>`,
//! `acknowledged <index> <milliseconds since 1970>` for the operation sent last, `saw <checkpoint in base64>`.

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sinpyo_tlog::checkpoint::SignedCheckpoint;
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// A journal being written.
#[derive(Debug)]
pub(crate) struct Journal(File);

impl Journal {
    /// Begins the journal of client `number` in `folder`.
    ///
    /// # Errors
    /// It cannot be created, or there is one already.
    pub(crate) fn create(folder: &Path, number: u32) -> Result<Self> {
        let path = path(folder, number);
        let file = File::create_new(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(file))
    }

    /// Before the operation goes out.
    ///
    /// # Errors
    /// The journal's own disk failed.
    pub(crate) fn sent(&mut self, operation: &[u8]) -> Result<()> {
        self.line(&[b"sent ", operation, b"\n"].concat())
    }

    /// The operation sent last is at `index`, says the server.
    ///
    /// # Errors
    /// The journal's own disk failed.
    pub(crate) fn acknowledged(&mut self, index: u64) -> Result<()> {
        let now = UNIX_EPOCH.elapsed().context("the clock is before 1970")?.as_millis();
        self.line(format!("acknowledged {index} {now}\n").as_bytes())
    }

    /// The server showed `checkpoint`, with a signature that holds.
    ///
    /// # Errors
    /// The journal's own disk failed.
    pub(crate) fn saw(&mut self, checkpoint: &SignedCheckpoint) -> Result<()> {
        self.line(format!("saw {}\n", STANDARD.encode(checkpoint.to_string())).as_bytes())
    }

    fn line(&mut self, line: &[u8]) -> Result<()> {
        self.0.write_all(line)?;
        Ok(self.0.sync_data()?)
    }
}

/// Where the journal of client `number` is.
pub(crate) fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("client-{number}.journal"))
}

/// What a journal says, read back.
#[derive(Debug)]
pub(crate) enum Record {
    /// `operation` was acknowledged with `index`.
    Acknowledged {
        operation: Vec<u8>,
        index: u64,
    },
    Saw(SignedCheckpoint),
}

/// Hands each record of the journal at `path` to `take`, one at a time.
///
/// # Errors
/// The journal is not what a client writes; the first error of `take`.
pub(crate) fn read(path: &Path, mut take: impl FnMut(Record) -> Result<()>) -> Result<()> {
    let mut sent: Option<String> = None;
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("sent", operation)) => sent = Some(operation.to_owned()),
            Some(("acknowledged", rest)) => {
                let operation = sent.take().context("nothing was sent")?.into_bytes();
                let index =
                    rest.split(' ').next().and_then(|index| index.parse().ok()).context("no index")?;
                take(Record::Acknowledged { operation, index })?;
            }
            Some(("saw", text)) => {
                let text = STANDARD.decode(text).ok().context("not base64")?;
                let text = String::from_utf8(text)?;
                take(Record::Saw(text.parse()?))?;
            }
            _ => bail!("{}: not a record: {line}", path.display()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::create(folder.path(), 3).unwrap();
        journal.sent(b"{\"a\":1}").unwrap();
        journal.sent(b"{\"a\":2}").unwrap();
        journal.acknowledged(9).unwrap();
        assert!(Journal::create(folder.path(), 3).is_err());
        let mut records = Vec::new();
        let take = |record| {
            records.push(record);
            Ok(())
        };
        read(&path(folder.path(), 3), take).unwrap();
        let [Record::Acknowledged { operation, index: 9 }] = &records[..] else { panic!("{records:?}") };
        assert_eq!(operation, b"{\"a\":2}"); // the first was never acknowledged
    }

    #[test]
    fn an_acknowledgement_of_nothing_is_no_record() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["acknowledged 1 2\n", "sent {}\nacknowledged x 2\n", "saw !\n", "heard of it\n"] {
            let path = path(folder.path(), 0);
            fs::write(&path, text).unwrap();
            assert!(read(&path, |_| Ok(())).is_err(), "{text}");
        }
    }
}
