//! `ferrodyne bisect`: finds the stage that makes a model's results wrong.

use std::process::ExitCode;

use crate::args::Bisect;
use crate::values::{self, Failure, Outcome};
use crate::{npz, whole};

/// Runs the subcommand. Success means that nothing is wrong.
///
/// # Errors
/// Faults of files, inputs and devices.
pub(crate) fn run(args: &Bisect) -> Outcome {
    let opened = values::open(&args.model)?;
    let inputs = match &args.inputs {
        Some(path) => values::load(path)?,
        None => {
            let (inputs, note) = values::random_inputs(&opened.model, &args.random)?;
            note.inspect(|note| eprintln!("{note}"));
            inputs
        }
    };
    opened.upload(&inputs)?;
    let options = opened.session.options();
    let found = opened.model.bisect(&inputs, opened.session.device(), options)?;
    for (rung, outcome) in &found.rungs {
        say!("{rung:>10}  {outcome}");
    }
    let (Some(culprit), Some(graph)) = (&found.culprit, &found.graph) else {
        say!("nothing is wrong");
        return Ok(ExitCode::SUCCESS);
    };
    say!("wrong: {culprit}");
    let text = graph.text().whole().to_string();
    whole::write(&args.graph, |partial| std::fs::write(partial, text))
        .map_err(|error| Failure::Request(format!("{}: {error}", args.graph.display())))?;
    let values = args.graph.with_extension("npz");
    npz::write(&values, &found.inputs)?;
    say!(
        "smallest graph: {} of {} nodes, inputs in {}",
        args.graph.display(),
        graph.nodes.len(),
        values.display()
    );
    Ok(ExitCode::FAILURE)
}
