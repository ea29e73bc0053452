//! The GPU executor, on the software adapter so that every machine gives the same verdict.

mod devices;
mod faults;
mod histories;
mod interop;
mod memory;
mod plans;
mod programs;

use std::sync::OnceLock;

use ferrodyne_runtime::gpu::{Choice, GpuDevice, Options};
use ferrodyne_runtime::{Backend, Buffer};

/// The device that tests share, or `None` with a printed reason.
fn device() -> Option<&'static GpuDevice> {
    static DEVICE: OnceLock<Option<GpuDevice>> = OnceLock::new();
    let device = DEVICE.get_or_init(|| open(Options::default())).as_ref();
    if device.is_none() {
        println!("skip: no software adapter");
    }
    device
}

/// A device of its own, for tests that harm it or count its memory.
fn open(options: Options) -> Option<GpuDevice> {
    match GpuDevice::open(&Choice::Software, options) {
        Ok(device) => Some(device),
        Err(error) => {
            println!("skip: {error}");
            None
        }
    }
}

fn upload(gpu: &GpuDevice, values: &[f32]) -> Buffer {
    gpu.upload(bytemuck::cast_slice(values)).expect("there is memory")
}

fn floats(gpu: &GpuDevice, buffer: &Buffer, n: usize) -> Vec<f32> {
    let bytes = gpu.download_now(buffer, 4 * n).expect("the buffer is readable");
    bytemuck::pod_collect_to_vec(&bytes)
}
