//! Writing the journal: whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chaos_engine::journal::{Ended, Masking};

/// Can a journal be written there? Finds out without leaving anything behind.
///
/// # Errors
/// The reason why not.
pub fn check_writable(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    if path.exists() {
        let mut file = OpenOptions::new().append(true).open(path)?;
        // a device that takes nothing, such as /dev/full, refuses even that
        return file.write(&[]).map(drop);
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        let message = format!("the folder {} does not exist", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    Ok(())
}

/// Writes the journal with two spaces a level and no final newline, as the Chaos Toolkit does. A file appears only
/// once it is complete; what is no file, such as `/dev/stdout`, is written to directly.
///
/// # Errors
/// What the file system says.
pub fn write(path: &Path, journal: &Ended, masking: Option<Masking<'_>>) -> io::Result<()> {
    let is_file = path.symlink_metadata().map_or(true, |meta| meta.is_file());
    if !is_file {
        let mut device = OpenOptions::new()
            .write(true)
            .truncate(true)
            .create(true)
            .open(path)?;
        return journal.write(&mut device, masking);
    }
    let partial = partial_path(path);
    let written = write_synced(&partial, journal, masking).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // it may not have been created at all
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write_synced(path: &Path, journal: &Ended, masking: Option<Masking<'_>>) -> io::Result<()> {
    let mut file = File::create(path)?;
    journal.write(&mut file, masking)?;
    file.sync_data()
}

fn partial_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use chaos_engine::value::map;

    use super::*;

    #[test]
    fn a_journal_appears_whole_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.json");
        write(&path, &Ended::Whole(map([("status", "completed".into())])), None).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "{\n  \"status\": \"completed\"\n}"
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_out_before() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check_writable(&folder.path().join("journal.json")).is_ok());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(check_writable(&folder.path().join("no/journal.json")).is_err());
        assert!(check_writable(folder.path()).is_err());
    }
}
