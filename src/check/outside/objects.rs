//! The objects that there are: those that events speak of, those in a directory, and
//! those that the handler wrote itself.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::body::Bytes;

use super::LARGEST_BODY;
use super::effect::sum;
use crate::check::events::Object;

/// Objects, in one life of the tables.
#[derive(Debug, Default)]
pub(super) struct Objects {
    directory: Option<Directory>,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    /// Of the versions of an object the last is the latest.
    objects: Vec<Object>,
    /// Those of the directory that were deleted: bucket and key.
    deleted: BTreeSet<(String, String)>,
}

impl Objects {
    pub(super) fn new(directory: Option<Directory>) -> Self {
        Self {
            directory,
            present: Mutex::default(),
        }
    }

    /// Begins another life with these. What the handler wrote is gone.
    pub(super) fn replace(&self, objects: Vec<Object>) {
        let deleted = BTreeSet::new();
        *self.present() = Present { objects, deleted };
    }

    /// An object, or a version of it: one of this life, or else one in the directory.
    pub(super) fn get(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> io::Result<Option<Object>> {
        let present = self.present();
        let mut versions = present.objects.iter().rev();
        let found = versions.find(|it| {
            // An object from before its bucket had versions has this one.
            let id = it.version_id.as_deref().unwrap_or("null");
            it.bucket == bucket && it.key == key && version.is_none_or(|wanted| wanted == id)
        });
        if let Some(found) = found {
            return Ok(Some(found.clone()));
        }
        let is_deleted = present
            .deleted
            .contains(&(bucket.to_owned(), key.to_owned()));
        if is_deleted || version.is_some_and(|it| it != "null") {
            return Ok(None);
        }
        let Some(directory) = &self.directory else {
            return Ok(None);
        };
        let body = directory.content(bucket, key)?;
        Ok(body.map(|body| object(bucket, key, body)))
    }

    /// Writes an object, over what was there.
    pub(super) fn put(&self, bucket: &str, key: &str, body: Bytes) {
        let mut present = self.present();
        present.objects.retain(|it| !is_latest(it, bucket, key));
        present.objects.push(object(bucket, key, body));
    }

    /// Deletes an object. Its versions remain.
    pub(super) fn delete(&self, bucket: &str, key: &str) {
        let mut present = self.present();
        present
            .objects
            .retain(|it| it.bucket != bucket || it.key != key);
        present.deleted.insert((bucket.to_owned(), key.to_owned()));
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_latest(it: &Object, bucket: &str, key: &str) -> bool {
    it.bucket == bucket && it.key == key && it.version_id.is_none()
}

fn object(bucket: &str, key: &str, body: Bytes) -> Object {
    Object {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id: None,
        e_tag: sum(&body),
        size: body.len() as u64,
        body,
    }
}

/// A directory with the contents of objects: in `BUCKET/KEY`, or in `KEY` for a bucket
/// that has no directory in it.
#[derive(Clone, Debug)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// The directory at `root`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(root: &Path) -> Result<Self, NoDirectory> {
        let no_directory = |source| NoDirectory {
            root: root.to_owned(),
            source,
        };
        let is_directory = fs::metadata(root).map_err(no_directory)?.is_dir();
        if !is_directory {
            return Err(no_directory(io::ErrorKind::NotADirectory.into()));
        }
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The content of an object, if there is a file for it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or is larger than the 16 MB that are served.
    pub fn content(&self, bucket: &str, key: &str) -> io::Result<Option<Bytes>> {
        let of_bucket = self.root.join(bucket);
        let is_a_name = is_below(Path::new(bucket)) && !bucket.contains('/');
        let root = match is_a_name && of_bucket.is_dir() {
            true => &of_bucket,
            false => &self.root,
        };
        let path = root.join(key);
        if !is_below(Path::new(key)) || !path.is_file() {
            return Ok(None);
        }
        let mut content = Vec::new();
        let limit = LARGEST_BODY as u64 + 1;
        File::open(path)?.take(limit).read_to_end(&mut content)?;
        match content.len() > LARGEST_BODY {
            true => Err(io::ErrorKind::FileTooLarge.into()),
            false => Ok(Some(content.into())),
        }
    }
}

/// Whether a path leads nowhere but down.
fn is_below(path: &Path) -> bool {
    let mut components = path.components();
    components.all(|it| matches!(it, Component::Normal(_)))
}

/// There is no directory to take objects from.
#[derive(Debug)]
pub struct NoDirectory {
    root: PathBuf,
    source: io::Error,
}

impl fmt::Display for NoDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the objects of {} cannot be served: {}; give a directory with the content of each \
             object in a file BUCKET/KEY or KEY",
            self.root.display(),
            self.source
        )
    }
}

impl std::error::Error for NoDirectory {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: Option<&str>, body: &'static str) -> Object {
        Object {
            version_id: id.map(str::to_owned),
            ..object("b", "k", Bytes::from(body))
        }
    }

    fn body_of(objects: &Objects, version: Option<&str>) -> Option<Bytes> {
        objects.get("b", "k", version).unwrap().map(|it| it.body)
    }

    #[test]
    fn of_several_versions_the_last_is_the_latest() {
        let objects = Objects::default();
        objects.replace(vec![version(Some("1"), "one"), version(Some("2"), "two")]);
        assert_eq!(body_of(&objects, None).unwrap(), "two");
        assert_eq!(body_of(&objects, Some("1")).unwrap(), "one");
        assert_eq!(body_of(&objects, Some("3")), None);
    }

    #[test]
    fn what_the_handler_wrote_is_there_until_the_next_life() {
        let objects = Objects::default();
        objects.replace(vec![version(None, "one")]);
        objects.put("b", "k", Bytes::from("two"));
        assert_eq!(body_of(&objects, Some("null")).unwrap(), "two");
        objects.delete("b", "k");
        assert_eq!(body_of(&objects, None), None);
        objects.replace(vec![version(None, "one")]);
        assert_eq!(body_of(&objects, None).unwrap(), "one");
    }

    #[test]
    fn a_directory_gives_nothing_from_outside_of_it() {
        let root = std::env::temp_dir().join(format!("redeliver-objects-{}", std::process::id()));
        fs::create_dir_all(root.join("in/b")).unwrap();
        fs::write(root.join("secret"), "s").unwrap();
        fs::write(root.join("in/b/k"), "of b").unwrap();
        fs::write(root.join("in/k"), "of all").unwrap();
        let directory = Directory::open(&root.join("in")).unwrap();
        let content = |bucket, key| directory.content(bucket, key).unwrap();
        assert_eq!(content("b", "k").unwrap(), "of b");
        assert_eq!(content("c", "k").unwrap(), "of all");
        assert_eq!(content("..", "secret"), None);
        assert_eq!(content("b", "../../secret"), None);
        assert_eq!(content("c", root.join("secret").to_str().unwrap()), None);
        let objects = Objects::new(Some(directory));
        objects.delete("b", "k");
        assert_eq!(body_of(&objects, None), None);
        fs::remove_dir_all(&root).unwrap();
        assert!(Directory::open(&root).is_err());
    }
}
