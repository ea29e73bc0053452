//! The recording of a call: comes in the body with its arguments, goes out a program under guards, or the result itself where
//! the body had to stop for values.

use ferrodyne_plan::{Dim, Name, Range};

use super::arg::Arg;
use super::cache::{Cache, CallSite, Entry};
use super::call::Call;
use super::guards::Guards;
use super::options::Options;
use super::program::Program;
use super::ret::{Rebuild, Ret};
use crate::capture::{self, GraphBreak, Recorder, Recording};
use crate::error::Result;
use crate::tensor::Tensor;

/// What a recording gave.
pub(super) enum Made<R> {
    /// A program for this call and those like it.
    Entry(Entry),
    /// The result of this call; no program is kept.
    Result(R),
    /// The result of this call, and the breaks because of which calls like it replay.
    Broken(R, Vec<GraphBreak>),
}

impl Cache {
    /// Records a call, and compiles what was recorded.
    pub(super) fn make<A: Arg, R: Ret>(
        &self,
        site: &CallSite<'_>,
        call: &Call,
        args: &A,
        body: &impl Fn(A) -> R,
    ) -> Result<Made<R>> {
        let CallSite { options, module, progress } = *site;
        let device = call.device(module)?;
        let segments = self.segments(options);
        let mut recorder = Recorder::new(options.name.as_str(), device.clone(), segments);
        if let Some(module) = module {
            recorder.name_cells(module);
        }
        let mut handles = self.arguments(options, call, &mut recorder).into_iter();
        let fresh =
            args.fresh(&mut |_| handles.next().expect("a handle was made for every tensor"));
        let (result, mut recorder) = capture::install(recorder, || body(fresh));
        let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if recorder.is_replay() {
            recorder.flush()?;
            return Ok(Made::Broken(result, recorder.breaks().to_vec()));
        }
        let mut outputs: Vec<(String, Tensor)> = Vec::new();
        let rebuild: Rebuild<R> = match result.take_apart("", &mut outputs) {
            Ok(rebuild) => rebuild,
            Err(result) => {
                recorder.flush()?;
                return Ok(Made::Result(result));
            }
        };
        let outputs: Vec<(Name, Tensor)> = outputs
            .into_iter()
            .enumerate()
            .map(|(i, (name, tensor))| {
                (Name::from(if name.is_empty() { format!("out{i}") } else { name }), tensor)
            })
            .collect();
        let Recording { graph, lifted } = recorder.finish(&outputs)?;
        let guards = Guards::of(&graph, call);
        let compiler = options.compiler(&device)?;
        let program = Program::make(graph, &device, options.backend, &compiler, progress)?;
        Ok(Made::Entry(Entry::new(guards, program, lifted, Box::new(rebuild))))
    }

    /// Declares the arguments: a dim is a symbol when the user said so, or when an earlier call of the same kind had another
    /// size there.
    fn arguments(&self, options: &Options, call: &Call, recorder: &mut Recorder) -> Vec<Tensor> {
        let dynamic = self.dynamic_positions(call);
        let mut position = 0;
        let mut handles = Vec::new();
        for (index, tensor) in call.tensors.iter().enumerate() {
            let name = options.argument_name(index);
            let mut dims = Vec::new();
            for (axis, &size) in tensor.dims.iter().enumerate() {
                let size = size as i64;
                let declared = options.dynamic.iter().find(|d| d.tensor == index && d.axis == axis);
                dims.push(match declared {
                    Some(declared) => {
                        recorder.symbol(Name::from(declared.name.as_str()), declared.range, size)
                    }
                    None if dynamic.contains(&position) => recorder.symbol(
                        Name::from(format!("{name}_{axis}")),
                        Range::at_least(0),
                        size,
                    ),
                    None => Dim::constant(size),
                });
                position += 1;
            }
            handles.push(recorder.argument(name, dims, tensor.clone()));
        }
        handles
    }

    fn dynamic_positions(&self, call: &Call) -> Vec<usize> {
        let mut positions = Vec::new();
        for entry in self.entries().iter().filter(|entry| entry.guards.same_kind(call)) {
            positions.extend(
                entry.guards.fixed().filter(|&(at, size)| call.sizes[at] != size).map(|(at, _)| at),
            );
            positions.extend(entry.guards.symbolic());
        }
        positions
    }
}
