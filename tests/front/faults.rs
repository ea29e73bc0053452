//! What the macros cannot express is an error of the compiler at the user's words, which says what to write instead.

use std::process::Command;

/// The compiler whose words around ferrodyne's are pinned; another one may put them otherwise.
const PINNED: &str = "rustc 1.95.";

#[test]
fn what_cannot_be_compiled_is_said_where_it_stands() {
    let cases = trybuild::TestCases::new();
    for case in ["function", "module", "options"] {
        cases.compile_fail(format!("tests/ui/{case}.rs"));
    }
    let version = Command::new("rustc").arg("--version").output().expect("tests are run by cargo");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    match version.starts_with(PINNED) {
        true => cases.compile_fail("tests/ui/types.rs"),
        false => println!(
            "skip: the texts of tests/ui/types.rs are those of {PINNED}x, not of {version}"
        ),
    }
}
