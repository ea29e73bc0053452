//! The text form of plans.

use std::fmt;

use super::{Condition, Dispatch, InputRole, Plan, Slice, SlotRole, Step};
use crate::{DType, Dim};

fn list<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}

fn tensor(dtype: DType, dims: &[Dim]) -> String {
    format!("{dtype}[{}]", list(dims))
}

impl fmt::Display for InputRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InputRole::Argument => "argument",
            InputRole::Parameter => "parameter",
            InputRole::Buffer => "buffer",
            InputRole::Scalar => "scalar",
        })
    }
}

impl fmt::Display for SlotRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SlotRole::Input(i) => write!(f, "input {i}"),
            SlotRole::Constant(i) => write!(f, "constant {i}"),
            SlotRole::Packed => f.write_str("packed"),
            SlotRole::Output(i) => write!(f, "output {i}"),
            SlotRole::Scratch => f.write_str("scratch"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Multiple(dim, n) => write!(f, "{dim} % {n} == 0"),
            Condition::AtMost(dim, n) => write!(f, "{dim} <= {n}"),
            Condition::AtLeast(dim, n) => write!(f, "{dim} >= {n}"),
        }
    }
}

impl Plan {
    fn print_dispatch(&self, f: &mut fmt::Formatter<'_>, dispatch: &Dispatch) -> fmt::Result {
        let kernel = &self.kernels[dispatch.kernel];
        write!(f, "dispatch {} groups {} bind", kernel.name, list(&dispatch.groups))?;
        for slot in &dispatch.slots {
            write!(f, " s{}", slot.0)?;
        }
        if !kernel.sizes.is_empty() {
            write!(f, " sizes {}", list(&kernel.sizes))?;
        }
        writeln!(f)
    }

    /// Steps inside of a step, one level deeper.
    fn print_inner(&self, f: &mut fmt::Formatter<'_>, word: &str, steps: &[Step]) -> fmt::Result {
        self.print_steps(f, &format!("  {word}"), steps)
    }

    fn print_steps(&self, f: &mut fmt::Formatter<'_>, word: &str, steps: &[Step]) -> fmt::Result {
        for (i, step) in steps.iter().enumerate() {
            match step {
                Step::Branch { condition, then, otherwise } => {
                    writeln!(f, "  {word} {i}: if s{} {{", condition.0)?;
                    self.print_inner(f, word, then)?;
                    writeln!(f, "  {word} {i}: }} else {{")?;
                    self.print_inner(f, word, otherwise)?;
                    writeln!(f, "  {word} {i}: }}")?;
                }
                Step::While { condition, masked, rounds_max, steps } => {
                    write!(f, "  {word} {i}: while s{}", condition.0)?;
                    if let Some(max) = rounds_max {
                        write!(f, " at most {max} times")?;
                    }
                    writeln!(f, "{} {{", if *masked { " in chunks" } else { "" })?;
                    self.print_inner(f, word, steps)?;
                    writeln!(f, "  {word} {i}: }}")?;
                }
                Step::Repeat { times, slices, steps, stacks } => {
                    write!(f, "  {word} {i}: repeat {times} times")?;
                    for Slice { whole, part, bytes } in slices {
                        write!(f, " slice {bytes} bytes of s{} to s{}", whole.0, part.0)?;
                    }
                    for Slice { whole, part, bytes } in stacks {
                        write!(f, " stack {bytes} bytes of s{} to s{}", part.0, whole.0)?;
                    }
                    writeln!(f, " {{")?;
                    self.print_inner(f, word, steps)?;
                    writeln!(f, "  {word} {i}: }}")?;
                }
                Step::Copy { from, from_offset, to, to_offset, bytes } => {
                    writeln!(
                        f,
                        "  {word} {i}: copy s{} at {from_offset} to s{} at {to_offset} bytes {bytes}",
                        from.0, to.0
                    )?;
                }
                Step::Run(variants) => {
                    for variant in variants {
                        let needs = list(&variant.needs);
                        for dispatch in &variant.dispatches {
                            write!(f, "  {word} {i}: ")?;
                            if !needs.is_empty() {
                                write!(f, "if {needs}: ")?;
                            }
                            self.print_dispatch(f, dispatch)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "plan {} {{", self.name)?;
        for symbol in &self.symbols {
            writeln!(f, "  symbol {} in {}", symbol.name, symbol.range)?;
        }
        for input in &self.inputs {
            writeln!(f, "  {} {}: {}", input.role, input.name, tensor(input.dtype, &input.dims))?;
        }
        for (i, slot) in self.slots.iter().enumerate() {
            write!(f, "  slot s{i} {} {} bytes {}", slot.name, slot.role, slot.bytes)?;
            if let Some(place) = &slot.place {
                write!(f, " in s{} at {}", place.slot.0, place.offset)?;
            }
            match slot.life {
                Some((first, last)) => writeln!(f, " steps {first}..={last}")?,
                None => writeln!(f)?,
            }
        }
        self.print_steps(f, "weights", &self.weight_steps)?;
        self.print_steps(f, "step", &self.steps)?;
        for output in &self.outputs {
            writeln!(
                f,
                "  output {}: {} in s{}",
                output.name,
                tensor(output.dtype, &output.dims),
                output.slot.0
            )?;
        }
        for write_back in &self.write_backs {
            writeln!(
                f,
                "  write s{} back to {}",
                write_back.slot.0, self.inputs[write_back.input].name
            )?;
        }
        writeln!(f, "  peak {} bytes", self.peak_bytes)?;
        writeln!(f, "}}")
    }
}
