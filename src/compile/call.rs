//! One call of a compiled function, as guards and recordings see it.

use std::fmt::Debug;

use ferrodyne_plan::Source;
use ferrodyne_runtime::RuntimeError;

use super::arg::{Arg, ArgVisitor};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::module::{Module, Parameter, Visitor};
use crate::tensor::{Stored, Tensor};

/// The leaves of a call's arguments.
#[derive(Default)]
pub(crate) struct Call {
    /// Tensors, in order.
    pub(crate) tensors: Vec<Stored>,
    /// Fingerprints of host values and of modules' configuration.
    pub(crate) hosts: Vec<u64>,
    /// Sizes of all tensors, one after the other.
    pub(crate) sizes: Vec<i64>,
    /// The first tensor that has no value, if any: the call happens inside of a recording.
    traced: bool,
}

impl Call {
    /// The leaves of arguments.
    ///
    /// # Errors
    /// Tensors of different devices.
    pub(crate) fn of(args: &impl Arg, module: Option<&dyn Module>) -> Result<Call> {
        let mut call = Call::default();
        if let Some(module) = module {
            module.visit(&mut Config { hosts: &mut call.hosts });
        }
        args.visit(&mut call);
        if let Some(first) = call.tensors.first()
            && let Some(other) = call.tensors.iter().find(|t| t.device != first.device)
        {
            return Err(
                crate::device::wrong_device("argument", &other.device, &first.device).into()
            );
        }
        Ok(call)
    }

    /// Whether an argument is being recorded by an outer capture.
    pub(crate) fn is_traced(&self) -> bool {
        self.traced
    }

    /// The device of the call: the tensors', or the module's.
    pub(crate) fn device(&self, module: Option<&dyn Module>) -> Result<Device> {
        if let Some(tensor) = self.tensors.first() {
            return Ok(tensor.device.clone());
        }
        let mut first = FirstParameter(None);
        if let Some(module) = module {
            module.visit(&mut first);
        }
        let message = "a compiled function needs a tensor among its arguments or parameters, to know its device";
        first.0.ok_or_else(|| Error::at("capture", message, Source::unknown()))
    }
}

impl ArgVisitor for Call {
    fn tensor(&mut self, tensor: &Tensor) {
        match tensor.as_stored() {
            Some(stored) => {
                self.sizes.extend(stored.dims.iter().map(|&d| d as i64));
                self.tensors.push(stored.clone());
            }
            None => self.traced = true,
        }
    }

    fn host(&mut self, fingerprint: u64, _text: &dyn Debug) {
        self.hosts.push(fingerprint);
    }
}

/// Collects what a module means apart from its parameters.
struct Config<'a> {
    hosts: &'a mut Vec<u64>,
}

impl Visitor for Config<'_> {
    fn parameter(&mut self, _name: &str, parameter: &Parameter) {
        self.hosts.push(parameter.id());
    }

    fn buffer(&mut self, _name: &str, buffer: &crate::module::Buffer) {
        self.hosts.push(buffer.id());
    }

    fn config(&mut self, _name: &str, value: &dyn Debug) {
        self.hosts.push(super::arg::fingerprint(&format!("{value:?}")));
    }

    fn enter(&mut self, _name: &str, _type_name: &str) {}

    fn leave(&mut self) {}
}

struct FirstParameter(Option<Device>);

impl Visitor for FirstParameter {
    fn parameter(&mut self, _name: &str, parameter: &Parameter) {
        self.0.get_or_insert_with(|| parameter.stored().device().clone());
    }

    fn buffer(&mut self, _name: &str, _buffer: &crate::module::Buffer) {}

    fn config(&mut self, _name: &str, _value: &dyn Debug) {}

    fn enter(&mut self, _name: &str, _type_name: &str) {}

    fn leave(&mut self) {}
}

/// A fault of sizes as a fault of the device's plan.
pub(crate) fn size_fault(error: ferrodyne_plan::plan::BindError) -> Error {
    Error::Device(RuntimeError::Bind(error))
}
