//! The command as a user meets it: exit codes, what is on stdout and on stderr, and which files are written.

#[path = "command/bench.rs"]
mod bench;
#[path = "command/check.rs"]
mod check;
#[path = "command/control.rs"]
mod control;
#[path = "command/faults.rs"]
mod faults;
#[path = "command/files.rs"]
mod files;
#[path = "command/inspect.rs"]
mod inspect;
#[path = "command/integers.rs"]
mod integers;
#[path = "command/workshop.rs"]
mod workshop;
