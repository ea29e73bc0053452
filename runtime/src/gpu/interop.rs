//! Work beside a user's own wgpu code: their buffers as inputs and results, their encoder as the place to record into.

use std::sync::Arc;

use ferrodyne_plan::plan::Sizes;

use super::buffer::{GpuBuffer, Memory};
use super::device::GpuDevice;
use super::encode::Foreign;
use super::fault::lock;
use super::program::{GpuProgram, result_slots};
use crate::{Buffer, RuntimeError};

/// Memory that recorded commands use. Keep it until the encoder's commands are submitted; then it may be dropped.
#[must_use = "dropped before the commands are submitted, memory they use may serve others"]
#[derive(Debug)]
pub struct Recording {
    _memory: Vec<Option<Arc<Memory>>>,
    _uniforms: Option<Arc<Memory>>,
}

impl GpuDevice {
    /// Takes `bytes` of a user's buffer from `offset` on, without a copy. `name` stands in errors.
    ///
    /// The buffer must be of this device. Bytes that round its tensor's size up to 16 belong to the tensor and may be
    /// overwritten.
    ///
    /// # Errors
    /// A buffer without the usages `STORAGE`, `COPY_SRC` and `COPY_DST`; a range beyond its end, of a size that is no
    /// multiple of 16, or at an offset that the device cannot bind.
    pub fn import(
        &self,
        name: &str,
        buffer: &wgpu::Buffer,
        offset: u64,
        bytes: u64,
    ) -> Result<Buffer, RuntimeError> {
        let unusable =
            |reason: String| Err(RuntimeError::UnusableBuffer { tensor: name.to_owned(), reason });
        let need = wgpu::BufferUsages::STORAGE
            | wgpu::BufferUsages::COPY_SRC
            | wgpu::BufferUsages::COPY_DST;
        let missing = need - buffer.usage();
        if !missing.is_empty() {
            return unusable(format!("its buffer lacks the usage {missing:?}"));
        }
        let align = u64::from(self.shared.limits.min_storage_buffer_offset_alignment);
        if !offset.is_multiple_of(align) {
            return unusable(format!("offset {offset} is no multiple of {align}"));
        }
        if bytes == 0 || !bytes.is_multiple_of(16) {
            return unusable(format!("{bytes} bytes are no positive multiple of 16: round up"));
        }
        if offset.checked_add(bytes).is_none_or(|end| end > buffer.size()) {
            let size = buffer.size();
            return unusable(format!("{bytes} bytes from {offset} on leave its {size} bytes"));
        }
        let memory = Memory::foreign(self.shared.id, buffer.clone(), offset, bytes);
        Ok(Buffer::Gpu(Arc::new(GpuBuffer::new(Arc::new(memory), bytes as usize))))
    }
}

impl GpuProgram {
    /// Records a run into a user's encoder, in a compute pass of its own, and submits nothing. `results` receive the plan's
    /// outputs, then its write-backs.
    ///
    /// The weight program, if it has to run, is submitted at once: submit a recording before the next run or recording with
    /// other parameters.
    ///
    /// # Errors
    /// As [`crate::Prepared::run`]; results that are too few, too small, or share a wgpu buffer with an input or with each
    /// other.
    pub fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        sizes: &Sizes,
        inputs: &[Buffer],
        results: &[Buffer],
    ) -> Result<Recording, RuntimeError> {
        let shared = &*self.gpu.shared;
        shared.check()?;
        let named = self.result_names();
        if results.len() != named.len() {
            return Err(RuntimeError::UnusableBuffer {
                tensor: self.plan.name.to_string(),
                reason: format!("it has {} results, not {}", named.len(), results.len()),
            });
        }
        let own = |(name, buffer): (&String, _)| shared.own(name, buffer);
        let own = named.iter().zip(results).map(own).collect::<Result<Vec<_>, _>>()?;
        let inputs_own = inputs.iter().filter_map(|buffer| match buffer {
            Buffer::Gpu(buffer) => Some(&buffer.memory.buffer),
            Buffer::Cpu(_) => None,
        });
        let mut taken: Vec<&wgpu::Buffer> = inputs_own.collect();
        for (name, result) in named.iter().zip(&own) {
            let buffer = &result.memory.buffer;
            if taken.contains(&buffer) {
                return Err(RuntimeError::UnusableBuffer {
                    tensor: name.clone(),
                    reason: "its buffer is an input's or another result's too".to_owned(),
                });
            }
            taken.push(buffer);
        }
        let mut state = lock(&self.state);
        self.check_room(&named, sizes, &own)?;
        let mut into: Vec<Option<Arc<Memory>>> = vec![None; self.plan.slots.len()];
        for (slot, result) in result_slots(&self.plan).zip(&own) {
            if self.hands_out(slot) && into[slot].is_none() {
                into[slot] = Some(Arc::clone(&result.memory));
            }
        }
        let mut sink = Foreign { plan: self.plan.name.as_ref(), encoder };
        let (recorded, _) =
            self.record_into(&mut state, &mut sink, sizes, inputs, Some(&into), false)?;
        let encoder = sink.encoder;
        for (made, wanted) in recorded.results.iter().zip(&own) {
            let Buffer::Gpu(made) = made else { continue };
            let (from, to) = (&made.memory, &wanted.memory);
            if from.id != to.id {
                let bytes = (made.len() as u64).min(to.size);
                encoder.copy_buffer_to_buffer(
                    &from.buffer,
                    from.offset,
                    &to.buffer,
                    to.offset,
                    bytes,
                );
            }
        }
        let mut memory = recorded.slots;
        memory.extend(recorded.results.iter().filter_map(|buffer| match buffer {
            Buffer::Gpu(buffer) => Some(Some(Arc::clone(&buffer.memory))),
            Buffer::Cpu(_) => None,
        }));
        Ok(Recording { _memory: memory, _uniforms: recorded.uniforms })
    }

    fn result_names(&self) -> Vec<String> {
        let outputs = self.plan.outputs.iter().map(|output| output.name.to_string());
        let inputs = &self.plan.inputs;
        outputs
            .chain(self.plan.write_backs.iter().map(|w| inputs[w.input].name.to_string()))
            .collect()
    }

    fn check_room(
        &self,
        names: &[String],
        sizes: &Sizes,
        results: &[&Arc<GpuBuffer>],
    ) -> Result<(), RuntimeError> {
        for ((slot, name), result) in result_slots(&self.plan).zip(names).zip(results) {
            let bytes = sizes.eval(&self.plan.slots[slot].bytes)?.max(1) as u64;
            let (need, have) = (bytes.next_multiple_of(16), result.memory.size);
            if need > have {
                return Err(RuntimeError::BufferTooSmall { tensor: name.clone(), need, have });
            }
        }
        Ok(())
    }
}
