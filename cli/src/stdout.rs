//! What the command prints. Whoever reads it may have seen enough and be gone, which is no fault.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write};

/// What a shell gives for a program that the signal of a broken pipe ended.
const BROKEN_PIPE: i32 = 128 + 13;

/// Prints a line on stdout.
macro_rules! say {
    ($($text:tt)*) => {
        $crate::stdout::print(format_args!("{}\n", format_args!($($text)*)))
    };
}

/// Prints a text on stdout; ends the process where it cannot be written, quietly where nobody reads it.
pub(crate) fn print(text: Arguments<'_>) {
    let mut stdout = std::io::stdout().lock();
    let Err(error) = stdout.write_fmt(text).and_then(|()| stdout.flush()) else { return };
    if error.kind() == ErrorKind::BrokenPipe {
        std::process::exit(BROKEN_PIPE);
    }
    eprintln!("ferrodyne: stdout: {error}");
    std::process::exit(1);
}
