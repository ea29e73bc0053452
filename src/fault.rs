//! Faults of operators that cannot return them: a panic at the caller's line, or the error of the call that they happen in.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::error::{Error, Result};

thread_local! {
    /// Calls on this thread that return the faults of what they run.
    static RETURNING: Cell<usize> = const { Cell::new(0) };
}

/// The payload of the unwind that takes a fault to the call that returns it.
struct Fault(Error);

/// Ends with a fault: as the error of the call that returns it, else by a panic with the whole diagnostic. Where panics abort
/// there is no way back to a call.
#[track_caller]
pub(crate) fn raise(error: Error) -> ! {
    if !cfg!(panic = "abort") && RETURNING.get() > 0 {
        resume_unwind(Box::new(Fault(error)));
    }
    panic!("{error}")
}

/// The value, or [`raise`].
#[track_caller]
pub(crate) fn expect<T>(result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => raise(error),
    }
}

/// Runs what may [`raise`] a fault, and returns it; other panics go on.
pub(crate) fn returned<T>(run: impl FnOnce() -> Result<T>) -> Result<T> {
    RETURNING.set(RETURNING.get() + 1);
    let ended = catch_unwind(AssertUnwindSafe(run));
    RETURNING.set(RETURNING.get() - 1);
    ended.unwrap_or_else(|panic| match panic.downcast::<Fault>() {
        Ok(fault) => Err(fault.0),
        Err(panic) => resume_unwind(panic),
    })
}

/// The payload of a panic with a note, if it tells a fault.
pub(crate) fn noted(panic: Box<dyn Any + Send>, note: &str) -> Box<dyn Any + Send> {
    match panic.downcast::<Fault>() {
        Ok(fault) => Box::new(Fault(match fault.0 {
            Error::Tensor(diagnostic) => Error::Tensor(diagnostic.note(note)),
            other => other,
        })),
        Err(panic) => match panic.downcast_ref::<String>() {
            Some(text) => Box::new(format!("{text}\nnote: {note}")),
            None => panic,
        },
    }
}
