//! The mutable cells of modules: parameters and buffers.

use std::borrow::Borrow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use ferrodyne_compiler::graph::InputRole;
use ferrodyne_plan::Source;

use crate::capture;
use crate::compile;
use crate::error::{Error, Result};
use crate::tensor::{Stored, Tensor};

/// A shared place for a tensor that changes.
#[derive(Clone)]
pub(crate) struct Cell(Arc<Owned>);

/// What the handles of users share: with the last of them go the programs made for the cell.
struct Owned(CellValue);

impl Drop for Owned {
    fn drop(&mut self) {
        compile::forget_cell(self.0.id());
    }
}

/// The value of a cell, as programs hold it: they read and write it, and do not keep the cell in use.
#[derive(Clone)]
pub(crate) struct CellValue(Arc<Inner>);

struct Inner {
    id: u64,
    value: RwLock<Stored>,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl CellValue {
    /// A number that no other cell has.
    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }

    /// The present value.
    pub(crate) fn value(&self) -> Stored {
        self.0.value.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Takes a new value, of the same type.
    pub(crate) fn set(&self, value: Stored) {
        *self.0.value.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = value;
    }
}

impl std::ops::Deref for Cell {
    type Target = CellValue;

    fn deref(&self) -> &CellValue {
        &self.0.0
    }
}

impl Cell {
    fn new(value: Stored) -> Cell {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        Cell(Arc::new(Owned(CellValue(Arc::new(Inner { id, value: RwLock::new(value) })))))
    }

    fn tensor(&self, role: InputRole) -> Tensor {
        match capture::with(|recorder| recorder.cell(self, role)) {
            Some(tensor) => tensor,
            None => Tensor::stored(self.value()),
        }
    }

    #[track_caller]
    fn replace(&self, kind: &str, value: &Tensor) -> Result<()> {
        let source = Source::caller();
        if let Some(done) = capture::with(|r| r.set_cell(self, kind, value, &source)) {
            return done;
        }
        let new = value.value("setting a parameter", source.clone())?;
        let old = self.value();
        if old.dims != new.dims || old.dtype != new.dtype {
            let message = format!(
                "a {kind} of type {}{:?} cannot take a value of type {}{:?}",
                old.dtype, old.dims, new.dtype, new.dims
            );
            return Err(Error::at("shape", message, source));
        }
        if old.device != new.device {
            return Err(crate::device::wrong_device(kind, &new.device, &old.device).into());
        }
        self.set(new.clone());
        Ok(())
    }
}

macro_rules! cell_type {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $role:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Cell);

        impl $name {
            /// A cell with a first value.
            ///
            /// # Panics
            /// While a function is captured: modules are made outside of compiled functions.
            #[track_caller]
            pub fn new(value: Tensor) -> $name {
                match value.value(concat!("making a ", $kind), Source::caller()) {
                    Ok(stored) => $name(Cell::new(stored.clone())),
                    Err(error) => panic!("{error}"),
                }
            }

            /// The present value. While a function is captured, this is an input of its graph: changing the value later does not
            /// compile anything again.
            pub fn tensor(&self) -> Tensor {
                self.0.tensor($role)
            }

            /// Takes a new value. While a function is captured, this is recorded: every call of the program sets it.
            ///
            /// # Errors
            /// When shape or element type differ from the present ones.
            #[track_caller]
            pub fn set(&self, value: impl Borrow<Tensor>) -> Result<()> {
                self.0.replace($kind, value.borrow())
            }

            /// Shape of the value.
            pub fn shape(&self) -> crate::Shape {
                crate::Shape::from(self.0.value().dims)
            }

            /// Number that no other cell has.
            pub(crate) fn id(&self) -> u64 {
                self.0.id()
            }

            /// The value outside of any capture.
            pub(crate) fn stored(&self) -> Tensor {
                Tensor::stored(self.0.value())
            }
        }

        impl From<Tensor> for $name {
            #[track_caller]
            fn from(value: Tensor) -> $name {
                $name::new(value)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                crate::tensor::write_identity(f, self.id())?;
                let value = self.0.value();
                write!(f, concat!(stringify!($name), "({}{:?})"), value.dtype, value.dims)
            }
        }
    };
}

cell_type! {
    /// A weight of a module: a tensor that training changes. Clones share the value.
    Parameter, "parameter", InputRole::Parameter
}
cell_type! {
    /// State of a module that is no weight, such as the running mean of a batch norm. Clones share the value.
    Buffer, "buffer", InputRole::Parameter
}
