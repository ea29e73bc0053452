//! Files are short, say what they promise, and are named after their subject.

use super::{SourceFile, rust_sources};

const ALL: [&str; 9] = [
    "src",
    "macros/src",
    "onnx/src",
    "cli/src",
    "compiler/src",
    "runtime/src",
    "plan/src",
    "shaders/src",
    "benches/src",
];

/// Longest file allowed, in lines.
const LINES_MAX: usize = 500;

fn offenders(folders: &[&str], is_bad: impl Fn(&SourceFile) -> bool) -> Vec<String> {
    rust_sources(folders).iter().filter(|f| is_bad(f)).map(|f| f.path.clone()).collect()
}

#[test]
fn no_file_is_longer_than_one_sitting() {
    let long = offenders(&ALL, |f| f.text.lines().count() > LINES_MAX);
    assert!(long.is_empty(), "over {LINES_MAX} lines; find the part that wants out: {long:?}");
}

#[test]
fn every_file_says_what_it_is() {
    let mute = offenders(&ALL, |f| !f.text.starts_with("//!"));
    assert!(mute.is_empty(), "these do not open with `//!`: {mute:?}");
}

#[test]
fn files_are_named_after_their_subject() {
    let vague = ["utils", "util", "helpers", "helper", "common", "misc", "types"];
    let bad = offenders(&ALL, |f| f.path.split(['/', '.']).any(|part| vague.contains(&part)));
    assert!(bad.is_empty(), "names that say nothing: {bad:?}");
}

#[test]
fn nothing_is_left_to_do() {
    let marks = ["FIX".to_owned() + "ME", "XX".to_owned() + "X", "#[ig".to_owned() + "nore"];
    let bad = offenders(&ALL, |f| marks.iter().any(|mark| f.text.contains(mark.as_str())));
    assert!(bad.is_empty(), "marks of unfinished work: {bad:?}");
}

#[test]
fn kernels_are_generated_not_written() {
    let mark = "@com".to_owned() + "pute";
    let allowed = ["compiler/src/wgsl/", "benches/src/baseline"];
    let bad = offenders(&ALL, |f| {
        let outside = !f.path.contains("tests") && !allowed.iter().any(|a| f.path.starts_with(a));
        outside && f.code().contains(&mark)
    });
    assert!(bad.is_empty(), "kernels come out of loops and schedules: {bad:?}");
}
