//! Gives registers their places: those that are not alive at the same time share one.

use super::inst::{Access, Index, Inst, Phase, Reg, Width};
use super::rows::ROWS;

/// Lanes of a block so that all registers of a phase stay in the first cache.
const CACHE_WORDS: usize = 6 * 1024;

/// Places of the registers of some phases.
pub(super) struct Places {
    /// By register: where it lies, in words.
    pub(super) homes: Vec<usize>,
    /// Words that registers take.
    pub(super) words: usize,
    /// Lanes of a block.
    pub(super) block: usize,
}

/// Places the registers of all phases; `widths` are those of the registers in the instructions,
/// and a block has `most` lanes at most.
pub(super) fn place(phases: &[Phase], widths: &[Width], most: usize) -> Places {
    let mut slots = vec![0; widths.len()];
    let (mut blocks, mut longs, mut states, mut ones) = (0, 0, 0, 0);
    let (mut tiles, mut long_tiles) = (0, 0);
    for phase in phases {
        let lives = lives(phase, widths.len());
        for (width, most) in [
            (Width::Block, &mut blocks),
            (Width::LongBlock, &mut longs),
            (Width::Tile, &mut tiles),
            (Width::LongTile, &mut long_tiles),
            (Width::State, &mut states),
            (Width::One, &mut ones),
        ] {
            let of_width: Vec<Reg> = (0..widths.len()).filter(|&r| widths[r] == width).collect();
            *most = (*most).max(share(&of_width, &lives, &mut slots));
        }
    }
    let mut block = most;
    let per_lane = blocks + 2 * longs + ROWS * (tiles + 2 * long_tiles);
    while block > 128 && block * per_lane > CACHE_WORDS {
        block /= 2;
    }
    let long_base = blocks * block;
    let tile_base = long_base + longs * 2 * block;
    let long_tile_base = tile_base + tiles * ROWS * block;
    let state_base = long_tile_base + long_tiles * 2 * ROWS * block;
    let one_base = state_base + states * 64;
    let homes = slots.iter().zip(widths).map(|(&slot, width)| match width {
        Width::Block => slot * block,
        Width::LongBlock => long_base + slot * 2 * block,
        Width::Tile => tile_base + slot * ROWS * block,
        Width::LongTile => long_tile_base + slot * 2 * ROWS * block,
        Width::State => state_base + slot * 64,
        Width::One => one_base + slot * 16,
    });
    Places { homes: homes.collect(), words: one_base + ones * 16, block }
}

/// First and last position at which a register is alive; `None` if it is not in the phase.
type Life = Option<(usize, usize)>;

/// Gives each register the lowest slot that is free over its life; returns the number of slots.
fn share(registers: &[Reg], lives: &[Life], slots: &mut [usize]) -> usize {
    let mut alive: Vec<(Reg, usize, usize)> =
        registers.iter().filter_map(|&r| lives[r].map(|(a, b)| (r, a, b))).collect();
    alive.sort_by_key(|l| l.1);
    let mut ends: Vec<usize> = Vec::new();
    for (reg, start, end) in alive {
        // An operand that dies where the register is made still lies in its slot.
        let slot = ends.iter().position(|&e| e < start).unwrap_or(ends.len());
        if slot == ends.len() {
            ends.push(0);
        }
        ends[slot] = end;
        slots[reg] = slot;
    }
    ends.len()
}

fn lives(phase: &Phase, n: usize) -> Vec<Life> {
    let mut lives = vec![None; n];
    let mut at = 0;
    walk(&phase.setup, &mut at, &mut lives);
    repeated(&phase.body, &mut at, &mut lives);
    lives
}

fn walk(code: &[Inst], at: &mut usize, lives: &mut [Life]) {
    for inst in code {
        *at += 1;
        if let Inst::Loop { body, .. } | Inst::Rows { body, .. } | Inst::Lanes { body, .. } = inst {
            repeated(body, at, lives);
            continue;
        }
        each_register(inst, &mut |r| {
            let life = lives[r].get_or_insert((*at, *at));
            life.1 = *at;
        });
    }
}

/// A body that runs again needs what was made before it until its end.
fn repeated(body: &[Inst], at: &mut usize, lives: &mut [Life]) {
    let start = *at;
    walk(body, at, lives);
    *at += 1;
    for life in lives.iter_mut().flatten() {
        if life.0 <= start && life.1 > start {
            life.1 = *at;
        }
    }
}

/// Visits every register of an instruction that is no loop.
fn each_register(inst: &Inst, f: &mut dyn FnMut(Reg)) {
    match inst {
        Inst::Fill { d, .. } => f(*d),
        Inst::Un { d, a, .. }
        | Inst::Join { d, a, .. }
        | Inst::Splat { d, a }
        | Inst::Row { d, tile: a, .. } => {
            f(*d);
            f(*a);
        }
        Inst::Bin { d, a, b, .. } => [*d, *a, *b].into_iter().for_each(f),
        Inst::Ter { d, abc, .. } => {
            f(*d);
            abc.iter().for_each(|&r| f(r));
        }
        Inst::Iota { d, at, .. } => {
            f(*d);
            index(at, f);
        }
        Inst::Load { d, access, .. } | Inst::Repeat { d, access, .. } => {
            f(*d);
            element(access, f);
        }
        Inst::Stage(stage) => {
            f(stage.d);
            element(&stage.access, f);
        }
        Inst::Into { access } => element(access, f),
        Inst::Store { s, access, .. } | Inst::Merge { s, access, .. } => {
            f(*s);
            element(access, f);
        }
        Inst::Step { s, a, .. } => {
            f(*s);
            f(*a);
        }
        Inst::Finish { d, s, .. } => {
            f(*d);
            f(*s);
        }
        Inst::Best { state, args, .. } => state.iter().chain(args).for_each(|&r| f(r)),
        Inst::Moments { state, a, .. } => state.iter().chain([a]).for_each(|&r| f(r)),
        Inst::Long(long) => {
            if let Some(access) = long.registers(f) {
                element(access, f);
            }
        }
        Inst::Loop { .. } | Inst::Rows { .. } | Inst::Lanes { .. } => {}
    }
}

fn index(at: &Index, f: &mut dyn FnMut(Reg)) {
    at.parts.iter().chain(&at.lanes).for_each(|p| f(p.1));
}

fn element(access: &Access, f: &mut dyn FnMut(Reg)) {
    index(&access.at, f);
    access.checks.iter().for_each(|c| index(&c.0, f));
}
