//! A plan made ready on the CPU.
//!
//! Kernels are compiled for the sizes of a call and kept for the last few sizes; scratch memory is
//! kept between runs. A run with the sizes of the one before creates nothing but its results.

mod check;

use std::sync::{Arc, Mutex, MutexGuard};

use ferrodyne_plan::Plan;
use ferrodyne_plan::plan::{InputRole, Sizes, SlotRole};

use self::check::{check, result_slots, weight_inputs};
use super::Block;
use super::bind::{Action, Bound, bind, malformed};
use super::blocks::Buffers;
use super::device::{Shared, block_of};
use super::product::{Scratch, Setting};
use crate::flow::Cursor;
use crate::profile::Stopwatch;
use crate::{Buffer, KernelTime, Prepared, Profile, Profiling, Progress, RunStats, RuntimeError};

/// Sizes whose kernels are kept.
const SIZES_KEPT: usize = 4;

/// A plan made ready.
pub(super) struct Program {
    device: Arc<Shared>,
    plan: Arc<Plan>,
    constants: Vec<Arc<Block>>,
    /// Slots whose memory is a result's.
    handed_out: Vec<bool>,
    weight_inputs: Vec<usize>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Identities of the buffers that the weight program read last.
    weights_of: Option<Vec<u64>>,
    packed: Vec<Option<Arc<Block>>>,
    entries: Vec<Entry>,
    made: Scratch,
    stats: RunStats,
}

/// The program at given sizes.
struct Entry {
    sizes: Sizes,
    bound: Bound,
    scratch: Vec<Option<Block>>,
}

/// What a run has done.
struct Ran {
    actions: usize,
    reads: usize,
}

/// Memory of a slot during a run.
enum Held<'a> {
    Nothing,
    Shared(&'a Arc<Block>),
    Scratch(&'a mut Block),
    Own(Block),
}

impl Held<'_> {
    fn pointer(&mut self) -> *mut u8 {
        match self {
            Held::Nothing => std::ptr::null_mut(),
            // Kernels only read what is shared.
            Held::Shared(block) => block.bytes().as_ptr() as *mut u8,
            Held::Scratch(block) => block.bytes_mut().as_mut_ptr(),
            Held::Own(block) => block.bytes_mut().as_mut_ptr(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Held::Nothing => 0,
            Held::Shared(block) => block.len(),
            Held::Scratch(block) => block.len(),
            Held::Own(block) => block.len(),
        }
    }
}

impl Program {
    /// Makes a plan ready; its kernels are compiled now where its sizes are known or hinted.
    pub(super) fn new(
        device: Arc<Shared>,
        plan: Arc<Plan>,
        progress: Option<Progress<'_>>,
    ) -> Result<Program, RuntimeError> {
        check(&plan)?;
        let constants = plan.constants.iter().map(|c| device.hold(&c.bytes).map(Arc::new));
        let mut handed_out = vec![false; plan.slots.len()];
        for slot in result_slots(&plan) {
            let role = plan.slots[slot].role;
            handed_out[slot] = matches!(role, SlotRole::Output(_) | SlotRole::Scratch);
        }
        let program = Program {
            constants: constants.collect::<Result<_, _>>()?,
            handed_out,
            weight_inputs: weight_inputs(&plan),
            state: Mutex::default(),
            device,
            plan,
        };
        let hints: Option<Vec<_>> =
            program.plan.symbols.iter().map(|s| s.hint.map(|h| (s.name.clone(), h))).collect();
        if let Some(hints) = hints {
            program.enter(&mut program.lock(), &Sizes::new(hints), progress)?;
        }
        Ok(program)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Brings the entry for these sizes to the front, compiling it where it is new.
    fn enter(
        &self,
        state: &mut State,
        sizes: &Sizes,
        progress: Option<Progress<'_>>,
    ) -> Result<(), RuntimeError> {
        let at = state.entries.iter().position(|entry| entry.sizes == *sizes);
        if at == Some(0) {
            return Ok(());
        }
        if let Some(front) = state.entries.first_mut() {
            front.scratch.iter_mut().for_each(|s| *s = None);
        }
        if let Some(at) = at {
            state.entries[..=at].rotate_right(1);
            return Ok(());
        }
        let watch = Stopwatch::start();
        let n_kernels = self.plan.kernels.len();
        let mut done = |n| {
            if let Some(progress) = progress {
                progress(n, n_kernels);
            }
        };
        let bound = bind(&self.plan, &self.plan.steps, sizes, self.device.level, &mut done)?;
        let scratch = self.plan.slots.iter().map(|_| None).collect();
        state.entries.insert(0, Entry { sizes: sizes.clone(), bound, scratch });
        state.entries.truncate(SIZES_KEPT);
        state.stats.kernels = n_kernels;
        state.stats.pipeline_ms += watch.ms();
        Ok(())
    }

    /// Runs the weight program if a buffer that it reads is another one than before.
    fn run_weights(
        &self,
        state: &mut State,
        sizes: &Sizes,
        inputs: &[&Arc<Block>],
    ) -> Result<(), RuntimeError> {
        let ids: Vec<u64> = self.weight_inputs.iter().map(|&i| inputs[i].id()).collect();
        if self.plan.weight_steps.is_empty() || state.weights_of.as_ref() == Some(&ids) {
            return Ok(());
        }
        let watch = Stopwatch::start();
        state.weights_of = None;
        let steps = &self.plan.weight_steps;
        let mut bound = bind(&self.plan, steps, sizes, self.device.level, &mut |_| {})?;
        let mut slots = Vec::new();
        for (i, slot) in self.plan.slots.iter().enumerate() {
            slots.push(match slot.role {
                _ if !bound.used[i] || bound.parts[i].is_some() => Held::Nothing,
                SlotRole::Input(_) | SlotRole::Constant(_) => self.fixed(&bound, i, inputs, &[])?,
                _ => Held::Own(self.device.memory.block(bound.bytes[i])?),
            });
        }
        self.perform(&mut bound, &mut slots, &mut state.made, None)?;
        state.packed = slots
            .into_iter()
            .zip(&self.plan.slots)
            .map(|(held, slot)| match (held, slot.role) {
                (Held::Own(block), SlotRole::Packed) => Some(Arc::new(block)),
                _ => None,
            })
            .collect();
        state.weights_of = Some(ids);
        state.stats.weights_ms = watch.ms();
        Ok(())
    }

    /// Memory of an input, a constant or a packed weight.
    fn fixed<'a>(
        &'a self,
        bound: &Bound,
        slot: usize,
        inputs: &[&'a Arc<Block>],
        packed: &'a [Option<Arc<Block>>],
    ) -> Result<Held<'a>, RuntimeError> {
        let name = &self.plan.slots[slot].name;
        let block = match self.plan.slots[slot].role {
            SlotRole::Input(input) => Some(inputs[input]),
            SlotRole::Constant(constant) => self.constants.get(constant),
            _ => packed.get(slot).and_then(Option::as_ref),
        };
        let Some(block) = block else {
            return Err(malformed(&self.plan, format!("nothing writes `{name}`")));
        };
        if bound.used[slot] && block.len() < bound.bytes[slot] {
            let (need, have) = (bound.bytes[slot] as u64, block.len() as u64);
            return Err(RuntimeError::BufferTooSmall { tensor: name.to_string(), need, have });
        }
        if !bound.written[slot] {
            return Ok(Held::Shared(block));
        }
        // An update in place happens on a copy, which becomes the new value.
        let mut own = self.device.memory.block(bound.bytes[slot])?;
        let n = own.len().min(block.len());
        own.bytes_mut()[..n].copy_from_slice(&block.bytes()[..n]);
        Ok(Held::Own(own))
    }

    /// Does the actions in order, timing each where asked to.
    fn perform(
        &self,
        bound: &mut Bound,
        slots: &mut [Held<'_>],
        made: &mut Scratch,
        mut times: Option<&mut Vec<(usize, f64)>>,
    ) -> Result<Ran, RuntimeError> {
        let mut pointers: Vec<*mut u8> = slots.iter_mut().map(Held::pointer).collect();
        for (slot, part) in bound.parts.iter().enumerate() {
            if let Some(part) = part.filter(|_| bound.used[slot]) {
                // SAFETY: binding proved that the part lies in the block of its slot, which is used and stays where it is.
                pointers[slot] = unsafe { pointers[part.whole].add(part.offset) };
            }
        }
        debug_assert!(pointers.iter().zip(&bound.used).all(|(s, used)| !used || !s.is_null()));
        let weights: Vec<Option<u64>> =
            slots.iter().zip(&self.plan.slots).map(|(s, slot)| self.weight(s, slot.role)).collect();
        let (mut buffers, mut ids) = (Buffers::default(), Vec::new());
        let mut cursor = Cursor::new(bound.counters);
        let mut ran = 0;
        while let Some(action) = bound.actions.get_mut(cursor.at) {
            let watch = times.is_some().then(Stopwatch::start);
            let at = cursor.at;
            cursor.at += 1;
            match action {
                Action::Run { code, slots, cache, .. } => {
                    buffers.0.clear();
                    buffers.0.extend(slots.iter().map(|&s| pointers[s]));
                    ids.clear();
                    ids.extend(slots.iter().map(|&s| weights[s]));
                    let (pool, level) = (&*self.device.pool, self.device.level);
                    let setting = Setting { pool, level, buffers: &buffers, weights: &ids };
                    // SAFETY: binding proved that slots are large enough and that a written one
                    // is bound once; each used slot has its block, which stays where it is.
                    unsafe { code.run(&setting, cache, made) };
                }
                &mut Action::Copy { from, from_offset, to, to_offset, bytes } => {
                    // SAFETY: binding proved that both ranges lie in their slots, which differ.
                    unsafe {
                        let from = pointers[from].add(from_offset);
                        std::ptr::copy_nonoverlapping(from, pointers[to].add(to_offset), bytes);
                    }
                }
                &mut Action::Slice { whole, part, bytes, to_part, counter } => {
                    // Rounds are counted from 0.
                    let offset = cursor.round(counter) as usize * bytes;
                    // SAFETY: binding proved that all rounds' parts lie in the whole, and that the slots differ.
                    unsafe {
                        let (whole, part) = (pointers[whole].add(offset), pointers[part]);
                        let (from, to) = if to_part { (whole, part) } else { (part, whole) };
                        std::ptr::copy_nonoverlapping(from, to, bytes);
                    }
                }
                Action::Control(control) => {
                    cursor.at = at;
                    // SAFETY: a condition's slot is used, so that it has a block of 16 bytes at least.
                    let read = |slot: usize| Ok(unsafe { *pointers[slot].cast::<u32>() } != 0);
                    cursor.follow(control, read)?;
                    continue;
                }
            }
            ran += 1;
            if let (Some(times), Some(watch)) = (times.as_deref_mut(), watch) {
                times.push((at, watch.ms()));
            }
        }
        Ok(Ran { actions: ran, reads: cursor.reads })
    }

    /// Identity of a slot's memory where it holds a weight.
    fn weight(&self, held: &Held<'_>, role: SlotRole) -> Option<u64> {
        let Held::Shared(block) = held else { return None };
        let weight = match role {
            SlotRole::Input(input) => self.plan.inputs[input].role == InputRole::Parameter,
            SlotRole::Constant(_) | SlotRole::Packed => true,
            SlotRole::Output(_) | SlotRole::Scratch => false,
        };
        weight.then(|| block.id())
    }

    fn run_timed(
        &self,
        sizes: &Sizes,
        inputs: &[Buffer],
        times: Option<&mut Vec<(usize, f64)>>,
    ) -> Result<Vec<Buffer>, RuntimeError> {
        let plan = &*self.plan;
        if inputs.len() != plan.inputs.len() {
            let (want, got) = (plan.inputs.len(), inputs.len());
            let error =
                ferrodyne_plan::plan::BindError::Count { plan: plan.name.clone(), want, got };
            return Err(error.into());
        }
        let named = plan.inputs.iter().zip(inputs);
        let inputs = named.map(|(input, buffer)| block_of(input.name.as_ref(), buffer));
        let inputs: Vec<&Arc<Block>> = inputs.collect::<Result<_, _>>()?;
        let mut state = self.lock();
        let state = &mut *state;
        let created = self.device.memory.created();
        self.enter(state, sizes, None)?;
        self.run_weights(state, sizes, &inputs)?;
        let State { entries, packed, stats, made, .. } = state;
        let Entry { bound, scratch, .. } = &mut entries[0];
        let mut slots = Vec::with_capacity(plan.slots.len());
        for (i, (slot, scratch)) in plan.slots.iter().zip(scratch).enumerate() {
            slots.push(match slot.role {
                _ if bound.parts[i].is_some() => Held::Nothing,
                _ if !bound.used[i] && !self.handed_out[i] => Held::Nothing,
                SlotRole::Output(_) | SlotRole::Scratch if self.handed_out[i] => {
                    Held::Own(self.device.memory.block(bound.bytes[i])?)
                }
                SlotRole::Output(_) | SlotRole::Scratch => {
                    if scratch.is_none() {
                        *scratch = Some(self.device.memory.block(bound.bytes[i])?);
                    }
                    scratch.as_mut().map_or(Held::Nothing, Held::Scratch)
                }
                _ => self.fixed(bound, i, &inputs, packed)?,
            });
        }
        let ran = self.perform(bound, &mut slots, made, times)?;
        self.count(stats, bound, &slots, &inputs);
        (stats.dispatches, stats.condition_reads) = (ran.actions, ran.reads);
        stats.created = self.device.memory.created() - created;
        self.results(bound, slots, &inputs, packed)
    }

    fn count(
        &self,
        stats: &mut RunStats,
        bound: &Bound,
        slots: &[Held<'_>],
        inputs: &[&Arc<Block>],
    ) {
        let held = |of: &dyn Fn(SlotRole) -> bool| {
            let slots = self.plan.slots.iter().zip(slots).filter(|(slot, _)| of(slot.role));
            slots.map(|(_, held)| held.len() as u64).sum::<u64>()
        };
        let parameters = self.plan.inputs.iter().zip(inputs);
        let parameters = parameters.filter(|(input, _)| input.role == InputRole::Parameter);
        stats.peak_bytes = held(&|r| matches!(r, SlotRole::Output(_) | SlotRole::Scratch));
        stats.weight_bytes = held(&|r| matches!(r, SlotRole::Packed))
            + parameters.map(|(_, block)| block.len() as u64).sum::<u64>()
            + self.constants.iter().map(|c| c.len() as u64).sum::<u64>()
            + bound.actions.iter().map(Action::kept_bytes).sum::<u64>();
    }

    /// The buffers of outputs and write-backs.
    fn results(
        &self,
        bound: &Bound,
        slots: Vec<Held<'_>>,
        inputs: &[&Arc<Block>],
        packed: &[Option<Arc<Block>>],
    ) -> Result<Vec<Buffer>, RuntimeError> {
        let mut blocks: Vec<Option<Arc<Block>>> = slots
            .into_iter()
            .map(|held| match held {
                Held::Own(block) => Some(Arc::new(block)),
                _ => None,
            })
            .collect();
        let mut results = Vec::new();
        for slot in result_slots(&self.plan) {
            if blocks[slot].is_none() {
                let held = self.fixed(bound, slot, inputs, packed)?;
                blocks[slot] = match held {
                    Held::Shared(block) => Some(block.clone()),
                    _ => None,
                };
            }
            let name = &self.plan.slots[slot].name;
            let missing = || malformed(&self.plan, format!("nothing writes `{name}`"));
            results.push(Buffer::Cpu(blocks[slot].clone().ok_or_else(missing)?));
        }
        Ok(results)
    }
}

impl Prepared for Program {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn run(&self, sizes: &Sizes, inputs: &[Buffer]) -> Result<Vec<Buffer>, RuntimeError> {
        self.run_timed(sizes, inputs, None)
    }

    fn profile<'a>(&'a self, sizes: &'a Sizes, inputs: &'a [Buffer]) -> Profiling<'a> {
        let mut times = Vec::new();
        let profile = self.run_timed(sizes, inputs, Some(&mut times)).map(|results| {
            let state = self.lock();
            let actions = state.entries.first().into_iter().flat_map(|e| &e.bound.actions);
            let name = |action: &Action| match action {
                Action::Run { kernel, .. } => self.plan.kernels[*kernel].name.to_string(),
                Action::Copy { .. } | Action::Slice { .. } => "copy".to_owned(),
                Action::Control(_) => "jump".to_owned(),
            };
            let names: Vec<String> = actions.map(name).collect();
            let kernels =
                times.into_iter().map(|(at, ms)| KernelTime { name: names[at].clone(), ms });
            Profile { results, kernels: kernels.collect() }
        });
        Box::pin(std::future::ready(profile))
    }

    fn stats(&self) -> RunStats {
        self.lock().stats.clone()
    }
}
