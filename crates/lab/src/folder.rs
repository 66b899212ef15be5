//! The folder in which a lab keeps everything it writes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chaos_lab_processes::MARKER;

use crate::error::Error;

/// A lab's folder. It is removed with this value unless the user named it.
pub struct Folder {
    path: PathBuf,
    temporary: Option<tempfile::TempDir>,
}

impl Folder {
    /// Makes a new temporary folder, or uses the one that was named.
    ///
    /// # Errors
    /// [`Error::Folder`] where it cannot be made; [`Error::NotOurs`] where it holds something else.
    pub fn open(named: Option<&Path>) -> Result<Folder, Error> {
        let folder = match named {
            None => Folder::temporary()?,
            Some(path) => Folder {
                path: own(path)?,
                temporary: None,
            },
        };
        let marker = folder.path.join(MARKER);
        fs::write(&marker, std::process::id().to_string())
            .map_err(|source| Error::Folder { path: marker, source })?;
        Ok(folder)
    }

    fn temporary() -> Result<Folder, Error> {
        let made = tempfile::Builder::new()
            .prefix("chaos-lab-")
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir();
        let made = made.map_err(|source| Error::Folder {
            path: std::env::temp_dir(),
            source,
        })?;
        Ok(Folder {
            path: made.path().to_owned(),
            temporary: Some(made),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes with the lab.
    pub fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }
}

fn own(path: &Path) -> Result<PathBuf, Error> {
    let failed = |source| Error::Folder {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(path).map_err(failed)?;
    let mut entries = fs::read_dir(path).map_err(failed)?;
    if entries.next().is_some() && !path.join(MARKER).exists() {
        return Err(Error::NotOurs {
            path: path.to_owned(),
        });
    }
    path.canonicalize().map_err(failed)
}
