//! Faults of operators that cannot return them: a panic at the caller's line, or the error of the call that they happen in.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::error::{Error, Result};

thread_local! {
    /// Calls on this thread that return the faults of what they run.
    static RETURNING: Cell<usize> = const { Cell::new(0) };
}

thread_local! {
    /// The method of a tensor that runs on this thread: the one that the user called, not those that it calls itself.
    static METHOD: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// A method of a tensor that runs, by the name that the user called it by.
pub(crate) struct Method {
    is_outer: bool,
}

impl Method {
    /// Begins a method; one that runs inside of another keeps the name of that.
    pub(crate) fn begin(name: &'static str) -> Method {
        let is_outer = METHOD.get().is_none();
        if is_outer {
            METHOD.set(Some(name));
        }
        Method { is_outer }
    }

    /// The name of the method that the user called, if one runs.
    pub(crate) fn called() -> Option<&'static str> {
        METHOD.get()
    }
}

impl Drop for Method {
    fn drop(&mut self) {
        if self.is_outer {
            METHOD.set(None);
        }
    }
}

/// A message under the name of the method that the user called, in the place of that of the operator, if there is one.
pub(crate) fn under_method(message: String) -> String {
    let is_word = |text: &str| {
        text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
    };
    match (Method::called(), message.split_once(": ")) {
        (Some(method), Some((op, rest))) if is_word(op) => format!("{method}: {rest}"),
        (Some(method), _) => format!("{method}: {message}"),
        (None, _) => message,
    }
}

/// A fault of an operator under the name of the method that the user called.
pub(crate) fn of_method(op: &str, error: Error) -> Error {
    match error {
        Error::Tensor(mut fault)
            if fault.message.strip_prefix(op).is_some_and(|rest| rest.starts_with(": ")) =>
        {
            fault.message = under_method(fault.message);
            Error::Tensor(fault)
        }
        other => other,
    }
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
