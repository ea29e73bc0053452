//! Beside a user's own wgpu code: his device, and his buffers as tensors without a copy.

use ferrodyne_plan::{DType, Source};
use ferrodyne_runtime::gpu::wgpu;
use ferrodyne_runtime::{Buffer, RuntimeError, gpu, transfer};

use crate::device::Device;
use crate::error::{Error, Result};
use crate::shape::Shape;
use crate::tensor::{Stored, Tensor};

impl Device {
    /// A user's own wgpu device. What it can do is what it was opened with, not what its adapter could.
    pub fn from_wgpu(device: wgpu::Device, queue: wgpu::Queue) -> Device {
        Device::of_gpu(gpu::GpuDevice::from_wgpu(device, queue, gpu::Options::default()))
    }

    /// wgpu's device and queue; `None` for the CPU executor.
    pub fn wgpu(&self) -> Option<(&wgpu::Device, &wgpu::Queue)> {
        self.gpu().map(gpu::GpuDevice::wgpu)
    }
}

impl Tensor {
    /// A tensor in a user's buffer, from a byte `offset` on, without a copy. The buffer must be of the tensor's device, hold the
    /// tensor's bytes rounded up to 16, and have the usages `STORAGE`, `COPY_SRC` and `COPY_DST`; its content must not change
    /// while the tensor is used. Elements are stored as kernels read them: i64 as i32, bool as u32; `DType::Long` is an i64 of 64 bits.
    ///
    /// # Errors
    /// A device that is no GPU; a buffer that is too small, has other usages, or an offset that the device cannot bind.
    #[track_caller]
    pub fn from_wgpu(
        buffer: &wgpu::Buffer,
        offset: u64,
        shape: impl Into<Shape>,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let Some(gpu) = device.gpu() else {
            let message = format!("`{device}` is no GPU, so that it cannot hold a wgpu buffer");
            return Err(Error::at("device", message, Source::caller()));
        };
        let dims: Vec<usize> = shape.into().sizes().iter().map(|size| size.get()).collect();
        let bytes = transfer::device_len(dtype, dims.iter().product()).next_multiple_of(16);
        let buffer = gpu.import("tensor", buffer, offset, bytes as u64)?;
        Ok(Tensor::stored(Stored::new(device, buffer, dtype, dims)))
    }

    /// The wgpu buffer in which the tensor lies, with its offset and length in bytes. It may be read by commands that are submitted
    /// to the device's queue after this call, and must not be written.
    ///
    /// # Errors
    /// While a function is captured; a tensor of the CPU executor.
    #[track_caller]
    pub fn wgpu_buffer(&self) -> Result<(&wgpu::Buffer, u64, u64)> {
        let stored = self.value("taking the buffer", Source::caller())?;
        match &stored.buffer {
            Buffer::Gpu(buffer) => Ok(buffer.raw()),
            Buffer::Cpu(_) => Err(Error::Device(RuntimeError::UnusableBuffer {
                tensor: "tensor".to_owned(),
                reason: "it lies on `cpu`: move it to a GPU with `to_device`".to_owned(),
            })),
        }
    }
}
