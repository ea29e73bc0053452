//! Functions that are left out of compilation: what is recorded so far is run, and they run operator by operator.

use std::cell::Cell;

use ferrodyne_plan::Source;

use super::{CURRENT, GraphBreak, Recorder, end_segment, is_recording, with};
use crate::error::Result;

thread_local! {
    /// How many functions that are left out are running.
    static DISABLED: Cell<usize> = const { Cell::new(0) };
}

/// Whether a function that is left out of compilation is running on this thread; what it calls is left out too.
pub(crate) fn is_disabled() -> bool {
    DISABLED.get() > 0
}

/// Takes a function out of compilation while it lives, and the recorder away.
struct Left(Option<Recorder>);

impl Left {
    fn new() -> Left {
        DISABLED.set(DISABLED.get() + 1);
        Left(CURRENT.take())
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        DISABLED.set(DISABLED.get() - 1);
        if let Some(recorder) = self.0.take() {
            CURRENT.set(Some(recorder));
        }
    }
}

/// Runs a function eagerly, as a graph break where another one is being captured. A trace, which keeps what runs, records it.
///
/// # Errors
/// Faults of the compiler and the device in what was recorded before.
pub(crate) fn eagerly<R>(name: &str, source: &Source, f: impl FnOnce() -> R) -> Result<R> {
    if is_recording() {
        let hint = "call it outside of the compiled function, or leave `disable` out";
        let why = GraphBreak::new(format!("`{name}` is disabled, and runs eagerly"), source, hint);
        if with(|recorder| recorder.is_tracing()).unwrap_or(false) {
            with(|recorder| recorder.note(why));
            return Ok(f());
        }
        end_segment(why)?;
    }
    let _left = Left::new();
    Ok(f())
}
