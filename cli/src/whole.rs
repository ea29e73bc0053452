//! Files that appear whole or not at all: written beside their place, then moved there.

use std::fs::File;
use std::path::{Path, PathBuf};

/// Links that are followed from one to the next before they are taken to lead nowhere.
const MAX_LINKS: usize = 40;

/// Writes a file by a function that is given the path of the unfinished one. A link stays, and what it leads to is written; what is
/// no file, as a pipe or a device, is written to when all is there.
///
/// # Errors
/// Faults of the file system, and those of the function; nothing is left behind then.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&Path) -> std::io::Result<()>,
) -> std::io::Result<()> {
    if path.metadata().is_ok_and(|there| !there.is_file()) {
        let partial = partial(&std::env::temp_dir().join("ferrodyne"));
        return unless_left(&partial, fill, || copy(&partial, path));
    }
    let place = followed(path)?;
    let partial = partial(&place);
    unless_left(&partial, fill, || std::fs::rename(&partial, &place))
}

fn partial(place: &Path) -> PathBuf {
    let mut partial = place.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    PathBuf::from(partial)
}

/// Fills the unfinished file and finishes it; removes it where one of the two fails.
fn unless_left(
    partial: &Path,
    fill: impl FnOnce(&Path) -> std::io::Result<()>,
    finish: impl FnOnce() -> std::io::Result<()>,
) -> std::io::Result<()> {
    let done = fill(partial).and_then(|()| finish());
    if done.is_err() {
        std::fs::remove_file(partial).ok();
    }
    done
}

/// Writes what a file holds to something that is no file, and removes the file.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut to = File::options().write(true).open(to)?;
    std::io::copy(&mut File::open(from)?, &mut to)?;
    std::fs::remove_file(from)
}

/// Where a path leads, link by link; there need not be anything.
fn followed(path: &Path) -> std::io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        match std::fs::read_link(&place) {
            Ok(to) => place = place.parent().unwrap_or(Path::new("")).join(to),
            Err(_) => return Ok(place),
        }
    }
    Err(std::io::Error::other("too many links, one to the next"))
}
