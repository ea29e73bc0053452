//! Files that appear whole or not at all: written beside their place, then moved there.

use std::path::{Path, PathBuf};

/// Writes a file by a function that is given the path of the unfinished one.
///
/// # Errors
/// Faults of the file system, and those of the function; nothing is left behind then.
pub(crate) fn write(
    path: &Path,
    fill: impl FnOnce(&Path) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let done = fill(&partial).and_then(|()| std::fs::rename(&partial, path));
    if done.is_err() {
        std::fs::remove_file(&partial).ok();
    }
    done
}
