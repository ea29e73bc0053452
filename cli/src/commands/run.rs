//! `ferrodyne run`: runs a model on arrays and writes its outputs.

use std::process::ExitCode;

use crate::args::Run;
use crate::npz;
use crate::values::{self, Outcome};

/// Runs the subcommand.
///
/// # Errors
/// Faults of files, inputs and devices; nothing is written then.
pub(crate) fn run(args: &Run) -> Outcome {
    let inputs = values::load(&args.inputs)?;
    let opened = values::open(&args.model)?;
    let outputs = opened.run(&inputs)?;
    npz::write(&args.outputs, &outputs)?;
    Ok(ExitCode::SUCCESS)
}
