//! `ferrodyne devices`: lists the devices, best first.

use std::process::ExitCode;

use crate::args::Devices;
use crate::values::Outcome;

/// Runs the subcommand.
///
/// # Errors
/// None in practice: there is always the CPU executor.
pub(crate) fn run(args: &Devices) -> Outcome {
    let names = ferrodyne::devices();
    match args.json {
        true => super::print_json(&names)?,
        false => names.iter().for_each(|name| say!("{name}")),
    }
    Ok(ExitCode::SUCCESS)
}
