//! Runs instructions.

use std::cell::RefCell;
use std::ops::Range;

use super::inst::{Blocks, Inst, Phase, Reg, Width};
use super::reduce;
use super::rows::ROWS;
use crate::cpu::Pool;
use crate::cpu::aligned::Aligned;
use crate::cpu::form::AxisId;
use crate::cpu::lanes::{self, FOLD_LANES, Storage};

/// Nanoseconds of a task at least.
const TASK: f64 = 10_000.0;
/// Tasks of a phase at most.
const TASKS: usize = 64;

/// Where the parameters of a kernel lie, in binding order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers(pub(crate) Vec<*mut u8>);

// SAFETY: whoever runs a kernel promises that its buffers are alive and used by nobody else in a
// way that conflicts; tasks of one kernel write different elements.
unsafe impl Sync for Buffers {}
// SAFETY: as above.
unsafe impl Send for Buffers {}

impl Buffers {
    /// The buffers and one more behind them.
    pub(crate) fn with(&self, extra: *mut f32) -> Buffers {
        let mut all = Vec::with_capacity(self.0.len() + 1);
        all.extend_from_slice(&self.0);
        all.push(extra as *mut u8);
        Buffers(all)
    }
}

/// A part of the points of a kernel.
pub(crate) struct Window<'a> {
    /// Axes with one value.
    pub(crate) fixed: &'a [(AxisId, i64)],
    /// The axis of the rows, if there is one, and its values.
    pub(crate) rows: (Option<AxisId>, Range<usize>),
    /// The axis of the lanes and its values.
    pub(crate) lanes: (AxisId, Range<usize>),
}

/// What a thread needs to run instructions; it is kept between tasks.
#[derive(Default)]
struct Memory {
    words: Aligned,
    /// Where each register is: at home, or in a buffer.
    registers: Vec<*mut u32>,
    buffers: Vec<*mut u8>,
    point: Vec<i64>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Blocks {
    /// Runs the kernel.
    ///
    /// # Safety
    /// The buffers are those that the form was made for: as many, each at least as long, aligned
    /// to 4 bytes, alive, written by nobody else, and different where one of them is written.
    pub(crate) unsafe fn run(&self, pool: &Pool, buffers: &Buffers) {
        for phase in &self.phases {
            let parts = |axis: Option<(AxisId, i64)>, size| {
                axis.map_or(1, |(_, n)| (n as usize).div_ceil(size))
            };
            let inner = [parts(phase.lane, self.block), parts(phase.rows, ROWS)];
            let outer = phase.axes.iter().map(|a| a.1 as usize).product::<usize>();
            let n = outer * inner[0] * inner[1];
            let most = if phase.ordered { 1 } else { TASKS.min((phase.cost / TASK) as usize) };
            let n_tasks = n.min(most.max(1));
            pool.run(n_tasks, &|task| {
                let range = n * task / n_tasks..n * (task + 1) / n_tasks;
                MEMORY.with(|memory| {
                    // A task runs no other region, so that the memory is free.
                    let memory = &mut memory.borrow_mut();
                    // SAFETY: the caller's promise; each iteration is run by one task alone.
                    unsafe { self.run_range(phase, inner, range, buffers, memory) }
                });
            });
        }
    }

    /// Runs a kernel compiled for tiles on a part of its points, in the calling thread.
    ///
    /// # Safety
    /// As [`Blocks::run`]; the window lies within the extents of its axes.
    pub(crate) unsafe fn run_window(&self, buffers: &Buffers, window: &Window<'_>) {
        MEMORY.with(|memory| {
            let memory = &mut memory.borrow_mut();
            for phase in &self.phases {
                let mut machine = self.machine(buffers, memory);
                machine.lanes = self.block;
                // SAFETY: the caller's promise.
                unsafe { machine.run(&phase.setup) };
                for &(axis, value) in window.fixed {
                    machine.point[axis] = value;
                }
                let (lane, lanes) = &window.lanes;
                for row in window.rows.1.clone() {
                    if let Some(axis) = window.rows.0 {
                        machine.point[axis] = row as i64;
                    }
                    for first in lanes.clone().step_by(self.block) {
                        machine.lanes = self.block.min(lanes.end - first);
                        machine.point[*lane] = first as i64;
                        // SAFETY: the caller's promise.
                        unsafe { machine.run(&phase.body) };
                    }
                }
            }
        });
    }

    fn machine<'m>(&'m self, buffers: &Buffers, memory: &'m mut Memory) -> Machine<'m> {
        memory.words.reserve(self.words * 4);
        let base = memory.words.words_mut().as_mut_ptr();
        memory.registers.clear();
        // SAFETY: homes and families lie within `words`.
        memory.registers.extend(self.homes.iter().map(|&home| unsafe { base.add(home) }));
        memory.buffers.clear();
        memory.buffers.extend(&buffers.0);
        // SAFETY: as above.
        memory.buffers.extend(self.kept.iter().map(|&at| unsafe { base.add(at) } as *mut u8));
        memory.point.clear();
        memory.point.resize(self.n_axes, 0);
        Machine {
            blocks: self,
            base,
            registers: &mut memory.registers,
            buffers: &memory.buffers,
            point: &mut memory.point,
            lanes: 1,
            rows: 1,
            row: 0,
            into: std::ptr::null_mut(),
        }
    }

    unsafe fn run_range(
        &self,
        phase: &Phase,
        inner: [usize; 2],
        range: Range<usize>,
        buffers: &Buffers,
        memory: &mut Memory,
    ) {
        let mut machine = self.machine(buffers, memory);
        // SAFETY: the caller's promise.
        unsafe {
            machine.lanes = self.block;
            machine.run(&phase.setup);
            for at in range {
                machine.go_to(phase, at, inner);
                machine.run(&phase.body);
            }
        }
    }
}

/// The state of a task.
pub(super) struct Machine<'a> {
    pub(super) blocks: &'a Blocks,
    base: *mut u32,
    pub(super) registers: &'a mut Vec<*mut u32>,
    pub(super) buffers: &'a [*mut u8],
    pub(super) point: &'a mut Vec<i64>,
    lanes: usize,
    /// Rows of the present group, and the present one.
    pub(super) rows: usize,
    row: usize,
    /// Where the next operation writes instead of its register.
    into: *mut u32,
}

impl Machine<'_> {
    /// Sets the axes of a phase to an iteration, of so many blocks of lanes and groups of rows.
    fn go_to(&mut self, phase: &Phase, at: usize, [blocks, groups]: [usize; 2]) {
        let mut rest = at;
        if let Some((axis, extent)) = phase.rows {
            let first = (rest % groups) * ROWS;
            rest /= groups;
            self.point[axis] = first as i64;
            self.rows = ROWS.min(extent as usize - first);
        }
        if let Some((axis, extent)) = phase.lane {
            let first = (rest % blocks) * self.blocks.block;
            rest /= blocks;
            self.point[axis] = first as i64;
            self.lanes = self.blocks.block.min(extent as usize - first);
        }
        for &(axis, extent) in phase.axes.iter().rev() {
            self.point[axis] = (rest % extent as usize) as i64;
            rest /= extent as usize;
        }
    }

    pub(super) fn n(&self, wide: bool) -> usize {
        if wide { self.lanes } else { 1 }
    }

    /// The words of a register.
    ///
    /// # Safety
    /// Registers hold `n` words, and no slice of this register is written meanwhile.
    #[inline(always)]
    pub(super) unsafe fn read<'b>(&self, r: Reg, n: usize) -> &'b [u32] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.registers[r], n) }
    }

    /// The words of a register at home.
    ///
    /// # Safety
    /// As [`Machine::read`], and no other slice of this register is used meanwhile.
    #[inline(always)]
    pub(super) unsafe fn write<'b>(&mut self, r: Reg, n: usize) -> &'b mut [u32] {
        // SAFETY: homes lie within the thread's memory.
        let home = unsafe { self.base.add(self.blocks.homes[r]) };
        self.registers[r] = home;
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(home, n) }
    }

    /// Where an operation writes.
    ///
    /// # Safety
    /// As [`Machine::write`].
    #[inline(always)]
    unsafe fn target<'b>(&mut self, r: Reg, n: usize) -> &'b mut [u32] {
        if self.into.is_null() {
            // SAFETY: the caller's promise.
            return unsafe { self.write(r, n) };
        }
        let into = std::mem::replace(&mut self.into, std::ptr::null_mut());
        // SAFETY: `Into` set it to a place with room for the lanes.
        unsafe { std::slice::from_raw_parts_mut(into, n) }
    }

    /// Runs instructions.
    ///
    /// # Safety
    /// They were emitted for these buffers, and their level is one of this processor. Registers
    /// that an instruction reads and writes have different homes but where it says otherwise.
    unsafe fn run(&mut self, code: &[Inst]) {
        for inst in code {
            // SAFETY: the caller's promise.
            unsafe { self.step(inst) }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    #[inline(always)]
    unsafe fn step(&mut self, inst: &Inst) {
        // SAFETY: the caller's promise.
        unsafe {
            match inst {
                Inst::Un { f, d, a, wide } => {
                    let n = self.n(*wide);
                    let a = self.read(*a, n);
                    f(self.target(*d, n), a);
                }
                Inst::Bin { f, d, a, b, wide } => {
                    let n = self.n(*wide);
                    let (a, b) = (self.read(*a, n), self.read(*b, n));
                    f(self.target(*d, n), a, b);
                }
                Inst::Ter { f, d, abc: [a, b, c], wide } => {
                    let n = self.n(*wide);
                    let (a, b, c) = (self.read(*a, n), self.read(*b, n), self.read(*c, n));
                    f(self.target(*d, n), a, b, c);
                }
                Inst::Join { f, d, a, wide } => {
                    let n = self.n(*wide);
                    let a = self.read(*a, n);
                    f(self.write(*d, n), a);
                }
                Inst::Load { d, access, fill, wide } => self.load(*d, access, *fill, *wide),
                Inst::Repeat { d, access, axis, period, along, wide } => {
                    let to = self.write(*d, self.n(*wide));
                    let first = (self.point[*axis] % period) as usize;
                    let step = access.at.step as isize;
                    let row = self.buffers[access.buf] as *const u32;
                    let row = row.offset(self.at(&access.at) as isize);
                    match along {
                        true => {
                            repeat(to, std::slice::from_raw_parts(row, *period as usize), first)
                        }
                        false => {
                            lanes::load(to, Storage::Word, row.add(first) as *const u8, 0, step)
                        }
                    }
                }
                Inst::Into { access } => {
                    let at = self.at(&access.at);
                    self.into = (self.buffers[access.buf] as *mut u32).offset(at as isize);
                }
                Inst::Store { s, access, wide } => self.store(*s, access, *wide),
                Inst::Loop { axis, extent, body } => {
                    for i in 0..*extent {
                        self.point[*axis] = i;
                        self.run(body);
                    }
                }
                Inst::Rows { axis, body } => self.run_rows(*axis, body),
                Inst::Row { d, tile, long } => {
                    let words = if *long { 2 } else { 1 } * self.blocks.block;
                    // The row lies within the tile, which has one for each of a group.
                    self.registers[*d] = self.registers[*tile].add(self.row * words);
                }
                Inst::Lanes { axis, extent, body } => self.run_lanes(*axis, *extent, body),
                Inst::Step { f, s, a } => {
                    let n = self.lanes;
                    let a = self.read(*a, n);
                    let s = self.write(*s, FOLD_LANES);
                    f(&mut *(s.as_mut_ptr() as *mut [u32; FOLD_LANES]), a);
                }
                Inst::Finish { fold, d, s } => {
                    let s = *(self.registers[*s] as *const [u32; FOLD_LANES]);
                    self.write(*d, 1)[0] = fold.finish(&s);
                }
                _ => self.rare(inst),
            }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn rare(&mut self, inst: &Inst) {
        // SAFETY: the caller's promise.
        unsafe {
            match inst {
                Inst::Fill { d, bits, width } => {
                    let n = match width {
                        Width::One => 1,
                        Width::State => FOLD_LANES,
                        Width::Block => self.blocks.block,
                        Width::LongBlock => 2 * self.blocks.block,
                        Width::Tile => ROWS * self.blocks.block,
                        Width::LongTile => 2 * ROWS * self.blocks.block,
                    };
                    lanes::splat(self.write(*d, n), *bits);
                }
                Inst::Splat { d, a } => {
                    let bits = self.read(*a, 1)[0];
                    lanes::splat(self.write(*d, self.blocks.block), bits);
                }
                Inst::Iota { f, d, at, wide } => {
                    let first = self.at(at);
                    f(self.write(*d, self.n(*wide)), first as u32, at.step as u32);
                }
                Inst::Stage(stage) => self.stage(stage),
                Inst::Merge { s, access, join, wide } => self.merge(*s, access, *join, *wide),
                Inst::Best { state: [v, i], args: [a, b], max, scalar, wide, lanes, level } => {
                    let n = self.n(*wide);
                    let (a, b) = (self.read(*a, n), self.read(*b, n));
                    let m = if *lanes { n } else { 1 };
                    let (v, i) = (self.write(*v, m), self.write(*i, m));
                    reduce::best([v, i], [a, b], *max, *scalar, *level);
                }
                Inst::Moments { state: [mean, m2, count], a, wide, lanes } => {
                    let n = self.n(*wide);
                    let a = self.read(*a, n);
                    let m = if *lanes { n } else { 1 };
                    let (mean, m2) = (self.write(*mean, m), self.write(*m2, m));
                    reduce::moments(mean, m2, self.write(*count, m), a);
                }
                Inst::Long(long) => self.long(long),
                _ => unreachable!("the common instructions are run by `step`"),
            }
        }
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn run_rows(&mut self, axis: usize, body: &[Inst]) {
        let first = self.point[axis];
        for row in 0..self.rows {
            (self.row, self.point[axis]) = (row, first + row as i64);
            // SAFETY: the caller's promise.
            unsafe { self.run(body) };
        }
        self.point[axis] = first;
    }

    /// # Safety
    /// As [`Machine::run`].
    unsafe fn run_lanes(&mut self, axis: usize, extent: i64, body: &[Inst]) {
        let before = self.lanes;
        let block = self.blocks.block as i64;
        let mut first = 0;
        while first < extent {
            self.point[axis] = first;
            self.lanes = block.min(extent - first) as usize;
            // SAFETY: the caller's promise.
            unsafe { self.run(body) };
            first += block;
        }
        self.lanes = before;
    }
}

/// A row again and again, from one of its places on.
fn repeat(mut to: &mut [u32], row: &[u32], first: usize) {
    let mut from = &row[first..];
    while !to.is_empty() {
        let n = from.len().min(to.len());
        to[..n].copy_from_slice(&from[..n]);
        (to, from) = (&mut to[n..], row);
    }
}
