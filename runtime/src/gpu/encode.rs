//! Bind groups of a run, kept by the identity of memory, and the commands that use them.

use std::sync::Arc;

use super::buffer::Memory;
use super::device::Shared;
use super::pipeline::Pipeline;
use super::resolve::{Action, Bound, Call, Resolved};
use super::timing::Timer;
use crate::RuntimeError;
use crate::flow::Cursor;

/// Bind groups kept for one dispatch, most recent first: inputs and outputs change from call to call.
const KEPT: usize = 8;

/// Memory by slot; `None` where nothing needs the slot.
pub(super) type Slots = [Option<Arc<Memory>>];

#[derive(Debug)]
struct Kept {
    memories: Vec<(u64, u64)>,
    group: wgpu::BindGroup,
}

/// The bind groups of resolved steps, one list a dispatch, the one to use first.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// Memory by slot at the last update.
    bound: Vec<Option<(u64, u64)>>,
    kept: Vec<Vec<Kept>>,
    /// What is bound to be written behind the ends of slots.
    spare: Option<Arc<Memory>>,
}

/// Bytes of a range that is written behind the end of its slot, and how far such ranges lie apart.
const SPARE_BYTES: u64 = 16;
const SPARE_STEP: u64 = 256;

impl Bindings {
    /// Makes the first bind group of each dispatch the one for this memory. Returns how many were created.
    pub(super) fn update(
        &mut self,
        shared: &Shared,
        kernels: &[Arc<Pipeline>],
        resolved: &Resolved,
        uniforms: Option<&Memory>,
        slots: &Slots,
    ) -> Result<usize, RuntimeError> {
        let same = |(slot, id): (&Option<Arc<Memory>>, &Option<(u64, u64)>)| {
            slot.as_ref().map(|memory| memory.identity()) == *id
        };
        if self.bound.len() == slots.len() && slots.iter().zip(&self.bound).all(same) {
            return Ok(0);
        }
        self.bound.clear();
        self.kept.resize_with(resolved.actions.len(), Vec::new);
        let mut created = 0;
        for (action, kept) in resolved.actions.iter().zip(&mut self.kept) {
            let Action::Run(call) = action else { continue };
            let memory = |bound: &Bound| slots[bound.slot].as_deref();
            let matches = |k: &Kept| {
                let bound = call.bound.iter().zip(&k.memories);
                bound.into_iter().all(|(b, id)| memory(b).is_some_and(|m| m.identity() == *id))
            };
            if let Some(at) = kept.iter().position(matches) {
                kept[..=at].rotate_right(1);
                continue;
            }
            let spare = spare(&mut self.spare, shared, call)?;
            let pipeline = &kernels[call.kernel];
            let group = shared
                .attempt(|| create(shared, pipeline, call, uniforms, spare.as_deref(), slots))?;
            let memories = call.bound.iter().filter_map(memory).map(Memory::identity).collect();
            kept.insert(0, Kept { memories, group });
            kept.truncate(KEPT);
            created += 1;
        }
        self.bound.extend(slots.iter().map(|slot| slot.as_ref().map(|memory| memory.identity())));
        Ok(created)
    }

    fn group(&self, action: usize) -> Option<&wgpu::BindGroup> {
        self.kept[action].first().map(|kept| &kept.group)
    }
}

/// Memory for the ranges of a call that are written behind the ends of their slots, if there are any.
fn spare(
    kept: &mut Option<Arc<Memory>>,
    shared: &Shared,
    call: &Call,
) -> Result<Option<Arc<Memory>>, RuntimeError> {
    let bytes = SPARE_STEP * call.bound.iter().filter(|bound| bound.range.is_none()).count() as u64;
    if kept.as_ref().map_or(0, |spare| spare.size) < bytes {
        *kept = Some(shared.take(bytes, None)?);
    }
    Ok(kept.clone())
}

fn create(
    shared: &Shared,
    pipeline: &Pipeline,
    call: &Call,
    uniforms: Option<&Memory>,
    spare: Option<&Memory>,
    slots: &Slots,
) -> wgpu::BindGroup {
    let mut spares = (0..).step_by(SPARE_STEP as usize);
    let storage = call.bound.iter().filter_map(|bound| match bound.range {
        Some((offset, bytes)) => Some(slots[bound.slot].as_ref()?.binding(offset, bytes)),
        // Each has a place of its own: a buffer that is written is bound once.
        None => Some(spare?.binding(spares.next()?, SPARE_BYTES)),
    });
    let sizes = call.sizes.zip(uniforms).map(|((offset, bytes), memory)| {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: &memory.buffer,
            offset: memory.offset + offset,
            size: wgpu::BufferSize::new(bytes),
        })
    });
    let entries: Vec<_> = (0..)
        .zip(storage.chain(sizes))
        .map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource })
        .collect();
    shared.device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.layout.bindings,
        entries: &entries,
    })
}

/// Where the commands of a run go.
pub(super) trait Sink {
    /// The encoder at hand.
    fn encoder(&mut self) -> &mut wgpu::CommandEncoder;

    /// The truth value in memory, when all commands so far have run.
    ///
    /// # Errors
    /// Where commands cannot be run in between; the device's faults.
    fn read(&mut self, memory: &Memory) -> Result<bool, RuntimeError>;
}

/// An encoder of ferrodyne's own, which is submitted where a value is needed.
pub(super) struct Own<'a> {
    pub(super) shared: &'a Shared,
    pub(super) encoder: wgpu::CommandEncoder,
}

impl Sink for Own<'_> {
    fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        &mut self.encoder
    }

    fn read(&mut self, memory: &Memory) -> Result<bool, RuntimeError> {
        let next = self.shared.device.create_command_encoder(&Default::default());
        let done = std::mem::replace(&mut self.encoder, next);
        self.shared.attempt(|| self.shared.queue.submit([done.finish()]))?;
        let word = super::transfer::read_word(self.shared, memory)?;
        Ok(word != 0)
    }
}

/// A user's encoder, which is not ours to submit.
pub(super) struct Foreign<'a> {
    pub(super) plan: &'a str,
    pub(super) encoder: &'a mut wgpu::CommandEncoder,
}

impl Sink for Foreign<'_> {
    fn encoder(&mut self) -> &mut wgpu::CommandEncoder {
        self.encoder
    }

    fn read(&mut self, _memory: &Memory) -> Result<bool, RuntimeError> {
        Err(RuntimeError::MissingFeature {
            device: "an encoder of the caller's".to_owned(),
            feature: "way to read the condition of a branch or a loop: run the program instead"
                .to_owned(),
            what: self.plan.to_owned(),
        })
    }
}

/// What the commands of a run did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Done {
    /// Dispatches and copies.
    pub(super) actions: usize,
    /// Conditions read.
    pub(super) reads: usize,
}

/// Writes the commands of resolved steps. One pass holds all dispatches between two copies, unless each is timed.
///
/// # Errors
/// Faults of reading conditions.
pub(super) fn encode(
    sink: &mut dyn Sink,
    kernels: &[Arc<Pipeline>],
    resolved: &Resolved,
    bindings: &Bindings,
    slots: &Slots,
    mut timer: Option<&mut Timer>,
) -> Result<Done, RuntimeError> {
    let mut pass: Option<wgpu::ComputePass<'static>> = None;
    let mut last_kernel = None;
    let mut cursor = Cursor::new(resolved.counters);
    let mut actions = 0;
    while let Some(action) = resolved.actions.get(cursor.at) {
        let at = cursor.at;
        cursor.at += 1;
        let copy = match action {
            Action::Run(call) => {
                if timer.is_some() || pass.is_none() {
                    drop(pass.take());
                    last_kernel = None;
                }
                let pass = pass.get_or_insert_with(|| {
                    let timestamp_writes = timer.as_mut().and_then(|t| t.next(call.kernel));
                    let descriptor = wgpu::ComputePassDescriptor { label: None, timestamp_writes };
                    sink.encoder().begin_compute_pass(&descriptor).forget_lifetime()
                });
                if last_kernel != Some(call.kernel) {
                    pass.set_pipeline(&kernels[call.kernel].raw);
                    last_kernel = Some(call.kernel);
                }
                pass.set_bind_group(0, bindings.group(at), &[]);
                let [x, y, z] = call.groups;
                pass.dispatch_workgroups(x, y, z);
                actions += 1;
                continue;
            }
            Action::Copy(copy) => copy.clone(),
            Action::Slice(part) => part.copy(cursor.round(part.counter)),
            Action::Control(control) => {
                cursor.at = at;
                cursor.follow(control, |slot| {
                    drop(pass.take());
                    slots[slot].as_ref().map_or(Ok(false), |memory| sink.read(memory))
                })?;
                continue;
            }
        };
        drop(pass.take());
        actions += 1;
        if let (Some(from), Some(to)) = (&slots[copy.from], &slots[copy.to]) {
            sink.encoder().copy_buffer_to_buffer(
                &from.buffer,
                from.offset + copy.from_offset,
                &to.buffer,
                to.offset + copy.to_offset,
                copy.bytes,
            );
        }
    }
    Ok(Done { actions, reads: cursor.reads })
}
