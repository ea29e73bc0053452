//! Rules about the sources themselves.

mod tidy;
mod walls;

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: path from the repository's root, and text.
pub(crate) struct SourceFile {
    pub path: String,
    pub text: String,
}

/// All Rust sources under folders of the repository.
pub(crate) fn rust_sources(folders: &[&str]) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in folders {
        collect(&root.join(folder), &mut files);
    }
    files.sort();
    let read = |path: PathBuf| SourceFile {
        text: fs::read_to_string(&path).expect("the file was just listed"),
        path: path.strip_prefix(root).expect("it lies under the root").display().to_string(),
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
