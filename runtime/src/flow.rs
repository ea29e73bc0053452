//! Steps that run steps, as jumps: comes in a list of steps, goes out actions in a row with jumps between them, and the cursor that
//! follows them.

use ferrodyne_plan::Dim;
use ferrodyne_plan::plan::{Slice, Step};

use crate::RuntimeError;

/// Rounds before the first look at a condition; each next chunk is twice as long.
const CHUNK_FIRST: i64 = 4;
/// Most rounds between two looks at a condition.
const CHUNK_MAX: i64 = 32;

/// Where to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// At `to`, unless the slot holds true.
    Unless { slot: usize, to: usize },
    /// At `to`.
    Jump { to: usize },
    /// Here, with a counter at 0.
    Begin { counter: usize },
    /// At `to`, if the counter has come so far.
    Until { counter: usize, times: i64, to: usize },
    /// At `to`, unless the slot holds true. A masked loop looks at the end of chunks of rounds alone.
    While { slot: usize, counter: usize, masked: bool, to: usize },
    /// At `to`, with the counter one further.
    Next { counter: usize, to: usize },
}

impl Control {
    fn target(&mut self) -> Option<&mut usize> {
        match self {
            Control::Begin { .. } => None,
            Control::Unless { to, .. }
            | Control::Jump { to }
            | Control::Until { to, .. }
            | Control::While { to, .. }
            | Control::Next { to, .. } => Some(to),
        }
    }
}

/// A list of actions that steps are turned into.
pub(crate) trait Actions {
    /// Adds what a step without steps inside does.
    fn plain(&mut self, step: &Step) -> Result<(), RuntimeError>;

    /// Adds a copy of a slice, from the whole to the part or back, in the round that a counter gives.
    fn slice(
        &mut self,
        slice: &Slice,
        to_part: bool,
        counter: usize,
        times: i64,
    ) -> Result<(), RuntimeError>;

    /// The value of a number of rounds.
    fn times(&self, times: &Dim) -> Result<i64, RuntimeError>;

    /// Adds a jump, and gives its place.
    fn control(&mut self, control: Control) -> usize;

    /// The jump at a place.
    fn control_at(&mut self, place: usize) -> Option<&mut Control>;

    /// How many actions there are.
    fn count(&self) -> usize;

    /// A counter that no other loop has.
    fn counter(&mut self) -> usize;
}

fn land(actions: &mut impl Actions, places: &[usize]) {
    let here = actions.count();
    for &place in places {
        if let Some(to) = actions.control_at(place).and_then(Control::target) {
            *to = here;
        }
    }
}

/// Adds steps to a list of actions.
///
/// # Errors
/// What the list refuses.
pub(crate) fn flatten(actions: &mut impl Actions, steps: &[Step]) -> Result<(), RuntimeError> {
    for step in steps {
        match step {
            Step::Run(_) | Step::Copy { .. } => actions.plain(step)?,
            Step::Branch { condition, then, otherwise } => {
                let unless = actions.control(Control::Unless { slot: condition.0, to: 0 });
                flatten(actions, then)?;
                let jump = actions.control(Control::Jump { to: 0 });
                land(actions, &[unless]);
                flatten(actions, otherwise)?;
                land(actions, &[jump]);
            }
            Step::While { condition, masked, rounds_max, steps } => {
                let counter = actions.counter();
                actions.control(Control::Begin { counter });
                let head = actions.count();
                let mut leave = Vec::new();
                if let Some(times) = *rounds_max {
                    leave.push(actions.control(Control::Until { counter, times, to: 0 }));
                }
                let (slot, masked) = (condition.0, *masked);
                leave.push(actions.control(Control::While { slot, counter, masked, to: 0 }));
                flatten(actions, steps)?;
                actions.control(Control::Next { counter, to: head });
                land(actions, &leave);
            }
            Step::Repeat { times, slices, steps, stacks } => {
                let (counter, times) = (actions.counter(), actions.times(times)?);
                actions.control(Control::Begin { counter });
                let head = actions.count();
                let leave = actions.control(Control::Until { counter, times, to: 0 });
                for slice in slices {
                    actions.slice(slice, true, counter, times)?;
                }
                flatten(actions, steps)?;
                for slice in stacks {
                    actions.slice(slice, false, counter, times)?;
                }
                actions.control(Control::Next { counter, to: head });
                land(actions, &[leave]);
            }
        }
    }
    Ok(())
}

/// A place among actions, with the counters of loops.
#[derive(Debug, Default)]
pub(crate) struct Cursor {
    /// The action that comes next.
    pub(crate) at: usize,
    /// Conditions that were read.
    pub(crate) reads: usize,
    /// For each counter: rounds, the round at which the condition is read next, rounds of the chunk.
    counters: Vec<[i64; 3]>,
}

impl Cursor {
    /// At the first action.
    pub(crate) fn new(counters: usize) -> Cursor {
        Cursor { at: 0, reads: 0, counters: vec![[0, CHUNK_FIRST, CHUNK_FIRST]; counters] }
    }

    /// Rounds of a loop so far.
    pub(crate) fn round(&self, counter: usize) -> i64 {
        self.counters[counter][0]
    }

    /// Follows a jump. `read` gives the truth value of a slot.
    ///
    /// # Errors
    /// Faults of the reading.
    pub(crate) fn follow(
        &mut self,
        control: &Control,
        read: impl FnOnce(usize) -> Result<bool, RuntimeError>,
    ) -> Result<(), RuntimeError> {
        self.at += 1;
        match *control {
            Control::Jump { to } => self.at = to,
            Control::Begin { counter } => self.counters[counter] = [0, CHUNK_FIRST, CHUNK_FIRST],
            Control::Next { counter, to } => {
                self.counters[counter][0] += 1;
                self.at = to;
            }
            Control::Until { counter, times, to } if self.counters[counter][0] >= times => {
                self.at = to;
            }
            Control::Until { .. } => {}
            Control::Unless { slot, to } => {
                self.reads += 1;
                if !read(slot)? {
                    self.at = to;
                }
            }
            Control::While { slot, counter, masked, to } => {
                let [round, next, chunk] = &mut self.counters[counter];
                if masked && *round < *next {
                    return Ok(());
                }
                *chunk = (*chunk * 2).min(CHUNK_MAX);
                *next = *round + *chunk;
                self.reads += 1;
                if !read(slot)? {
                    self.at = to;
                }
            }
        }
        Ok(())
    }
}
