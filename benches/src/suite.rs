//! Measures rows of the table. In: a device, its floors, a workload. Out: a row of the report. Promise: all that is set into a
//! ratio took turns in one run, the floor and the hand-written kernel included.

use std::time::Instant;

use ferrodyne::{Device, compile};

use crate::Fault;
use crate::Outcome;
use crate::baseline::{Baseline, Candidate};
use crate::floor::{Floors, dispatch};
use crate::measure::{Call, Timing, interleaved};
use crate::report::{Compilation, HandWritten, Rate, Row, Unit};
use crate::workload::{Bound, Subject, Work, Workload, chain};

/// Largest difference from a hand-written kernel, as a share of the largest value.
const TOLERANCE: f32 = 1e-3;

/// Measures a workload.
///
/// # Errors
/// What compiler and device report; a hand-written kernel with another result.
pub(crate) fn measure(
    device: &Device,
    floors: &Floors,
    workload: &Workload,
) -> Result<Outcome, Fault> {
    match workload.work {
        Work::Calls(build) => calls(device, floors, workload, &build(device)?).map(Outcome::Row),
        Work::Compile(nodes) => compilation(device, workload, nodes).map(Outcome::Compilation),
    }
}

fn calls(
    device: &Device,
    floors: &Floors,
    workload: &Workload,
    subject: &Subject,
) -> Result<Row, Fault> {
    let baseline = match workload.baseline {
        Some(baseline) => fastest(device, baseline, subject)?,
        None => None,
    };
    let (floor, floor_units, units, unit) = match workload.bound {
        Bound::Compute => (floors.fma.as_ref(), floors.fma_flops, workload.flops, Unit::GigaFlops),
        Bound::Memory => (Some(&floors.copy), floors.copy_bytes, workload.bytes, Unit::GigaBytes),
        Bound::Launch => (None, 0.0, 0.0, Unit::GigaBytes),
    };
    let mut all = vec![&subject.compiled, &subject.eager, &subject.no_fusion];
    all.extend(floor);
    all.extend(baseline.as_ref().map(|(_, call)| call));
    let mut timings = interleaved(device, &all)?.into_iter();
    let mut next = || timings.next().ok_or(Fault::NoResult);
    let (compiled, eager, no_fusion) = (next()?, next()?, next()?);
    let limit = match floor {
        Some(_) => Some(next()?.giga_per_second(floor_units)),
        None => None,
    };
    let rate = (workload.bound != Bound::Launch).then(|| {
        let value = compiled.giga_per_second(units);
        Rate { value, unit, floor: limit, share: limit.map(|limit| value / limit) }
    });
    let hand_written = match (baseline, workload.baseline, limit) {
        (Some((name, _)), Some(baseline), Some(limit)) => {
            let timing = next()?;
            let share = timing.giga_per_second(units) / limit;
            let ratio = timing.median_us / compiled.median_us;
            Some(HandWritten { name, timing, share, bar: baseline.bar(), ratio })
        }
        _ => None,
    };
    Ok(Row {
        group: workload.group,
        name: workload.name,
        shapes: workload.shapes,
        bound: workload.bound,
        flops: workload.flops,
        bytes: workload.bytes,
        over_eager: eager.median_us / compiled.median_us,
        over_no_fusion: no_fusion.median_us / compiled.median_us,
        compiled,
        eager,
        no_fusion,
        rate,
        hand_written,
    })
}

/// The fastest of the hand-written kernels, after its result was compared with the compiled one.
fn fastest(
    device: &Device,
    baseline: Baseline,
    subject: &Subject,
) -> Result<Option<(String, Call)>, Fault> {
    let candidates = baseline.kernels(device, &subject.inputs)?;
    if candidates.is_empty() {
        return Ok(None);
    }
    let expected = (subject.result)()?;
    let mut calls = Vec::new();
    for Candidate { name, kernel, result, inputs } in candidates {
        kernel.run();
        let difference = (&result - &expected).abs().amax((), false).item::<f32>()?;
        let scale = expected.abs().amax((), false).item::<f32>()?;
        // Written so that a difference that is no number is refused too.
        let same = difference <= TOLERANCE * scale;
        if !same {
            return Err(Fault::Differs { name, difference, scale });
        }
        let run = dispatch(kernel);
        let call: Call = Box::new(move || {
            // The kernel reads the inputs' memory, which is theirs for as long as they live.
            let _inputs = &inputs;
            run()
        });
        calls.push((name, call));
    }
    if calls.len() > 1 {
        let timings = interleaved(device, &calls.iter().map(|(_, call)| call).collect::<Vec<_>>())?;
        let time = |k: &usize| timings[*k].median_us;
        let best = (0..calls.len()).min_by(|a, b| time(a).total_cmp(&time(b)));
        return Ok(best.map(|best| calls.swap_remove(best)));
    }
    Ok(calls.pop())
}

/// Samples that one chain is compiled for, unless they take too long.
const SAMPLES: usize = 5;
const SECONDS_MAX: f64 = 10.0;

fn compilation(device: &Device, workload: &Workload, nodes: usize) -> Result<Compilation, Fault> {
    let x = ferrodyne::Tensor::try_randn([1024], device)?;
    let start = Instant::now();
    let (mut total, mut prepare, mut stages) = (Vec::new(), Vec::new(), Vec::new());
    let (mut regions, mut captured) = (0, 0);
    while total.is_empty() || (total.len() < SAMPLES && start.elapsed().as_secs_f64() < SECONDS_MAX)
    {
        let f = compile(chain(nodes));
        let first = Instant::now();
        f.call(&x)?;
        device.synchronize()?;
        let first = first.elapsed().as_secs_f64();
        let again = Instant::now();
        f.call(&x)?;
        device.synchronize()?;
        let again = again.elapsed().as_secs_f64();
        let report = f.programs().pop().ok_or(Fault::NoResult)?;
        let on_device = report.times.prepare_ms / 1e3;
        total.push((first - again - on_device).max(0.0));
        prepare.push(on_device);
        stages = report.times.stages;
        (regions, captured) = (report.regions, report.nodes);
    }
    // Kernels of equal text are shared by all programs of a device, so that only the first sample builds them.
    let prepare_ms = prepare[0] * 1e3;
    let timing = Timing::of(total, 1);
    Ok(Compilation {
        group: workload.group,
        name: workload.name,
        nodes: captured,
        regions,
        us_per_node: timing.median_us / captured.max(1) as f64,
        capture_and_compile: timing,
        stages_ms: stages,
        prepare_ms,
    })
}
