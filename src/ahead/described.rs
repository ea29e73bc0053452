//! A device that is a description: it holds values and compiles nothing to run.

use std::sync::{Arc, LazyLock};

use ferrodyne_plan::{Plan, Target};
use ferrodyne_runtime::cpu::CpuDevice;
use ferrodyne_runtime::{Backend, Buffer, Download, Prepared, Progress, RuntimeError};

use crate::device::Device;

/// The place of recordings that are compiled ahead: what a body uploads lies on the host.
struct Described {
    memory: CpuDevice,
    target: Target,
}

static NOWHERE: LazyLock<Device> = LazyLock::new(|| device(&Target::webgpu_default()));

/// A device of a target.
pub(super) fn device(target: &Target) -> Device {
    let described = Described { memory: CpuDevice::new(), target: target.clone() };
    Device::of(Box::new(described), None)
}

/// Where tensors lie that have a type alone, before a target is chosen.
pub(crate) fn nowhere() -> Device {
    NOWHERE.clone()
}

impl Backend for Described {
    fn name(&self) -> &str {
        &self.target.name
    }

    fn target(&self) -> &Target {
        &self.target
    }

    fn allocate(&self, bytes: usize) -> Result<Buffer, RuntimeError> {
        self.memory.allocate(bytes)
    }

    fn upload(&self, bytes: &[u8]) -> Result<Buffer, RuntimeError> {
        self.memory.upload(bytes)
    }

    fn download<'a>(&'a self, buffer: &'a Buffer, len: usize) -> Download<'a> {
        self.memory.download(buffer, len)
    }

    fn prepare(
        &self,
        plan: Arc<Plan>,
        _progress: Option<Progress<'_>>,
    ) -> Result<Box<dyn Prepared>, RuntimeError> {
        Err(RuntimeError::MissingFeature {
            device: self.target.name.to_string(),
            feature: "hardware behind it: it is a target to compile for".to_owned(),
            what: plan.name.to_string(),
        })
    }

    fn synchronize(&self) -> Result<(), RuntimeError> {
        Ok(())
    }
}
