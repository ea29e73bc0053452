//! The subcommands, a file each.

pub(crate) mod bench;
pub(crate) mod bisect;
pub(crate) mod check;
pub(crate) mod devices;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod run;

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar while kernels compile, when someone watches.
pub(crate) fn progress() -> Option<Box<dyn Fn(usize, usize) + Sync>> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let style = ProgressStyle::with_template("compiling kernels [{bar:32}] {pos}/{len}").ok()?;
    let bar = ProgressBar::new(0).with_style(style);
    Some(Box::new(move |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
        if done == all {
            bar.finish_and_clear();
        }
    }))
}

/// Prints a value as JSON on one line of stdout.
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), crate::values::Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| crate::values::Failure::Request(error.to_string()))?;
    say!("{text}");
    Ok(())
}

/// A shape as text: `f32[batch, 10]`.
pub(crate) fn type_text(dtype: impl std::fmt::Display, dims: &[impl std::fmt::Display]) -> String {
    format!("{dtype}[{}]", dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}
