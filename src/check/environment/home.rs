//! The directory that an environment has for itself: its home, its place for
//! temporary files, and AWS configuration files that say nothing.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A directory that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
}

impl Home {
    pub(super) fn create(name: &str) -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("redeliver-{name}"));
        // Nobody else's business, and nobody else's directory.
        DirBuilder::new().mode(0o700).create(&path)?;
        let home = Self { path };
        fs::create_dir(home.temporary_files())?;
        fs::write(home.aws_configuration(), "")?;
        fs::write(home.aws_credentials(), "")?;
        Ok(home)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn temporary_files(&self) -> PathBuf {
        self.path.join("tmp")
    }

    pub(super) fn aws_configuration(&self) -> PathBuf {
        self.path.join("aws-config")
    }

    pub(super) fn aws_credentials(&self) -> PathBuf {
        self.path.join("aws-credentials")
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What a handler made unremovable stays where temporary files are.
        let _ = fs::remove_dir_all(&self.path);
    }
}
