//! A program without a device: kernels, slots with sizes and lifetimes, and the steps that run them.
//!
//! A [`Plan`] holds everything that a runtime needs and nothing of a device. Sizes are expressions over the plan's symbols,
//! which [`Plan::bind`] takes from the shapes of the arguments, so that one plan serves every shape in the symbols' ranges.

mod bind;
mod data;
mod print;

pub use bind::{BindError, Sizes};
pub use data::{
    Access, Binding, Body, Condition, Constant, Dispatch, InputRole, Plan, PlanInput, PlanKernel,
    PlanOutput, Ranges, Slice, Slot, SlotId, SlotPlace, SlotRole, Step, SymbolDecl, Variant,
    WgslKernel, WriteBack,
};
