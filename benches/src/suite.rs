//! Measures rows of the table. In: where and how, the device's floors, a workload. Out: a row of the report. Promise: all that is
//! set into a ratio took turns in one run, the floor and the hand-written kernels included.

use ferrodyne::wgpu;

use crate::Fault;
use crate::Outcome;
use crate::baseline::{Baseline, Candidate, Kernels, addition, storage, whole};
use crate::compiling;
use crate::floor::{Floors, dispatch};
use crate::measure::{Call, Timing, interleaved, on_host};
use crate::report::{HandWritten, Overhead, Rate, Rival, Row, Unit};
use crate::verdict;
use crate::workload::{Bound, Mode, Setting, Subject, Work, Workload};

/// Largest difference from a hand-written kernel, as a share of the largest value.
const TOLERANCE: f32 = 1e-3;

/// Microseconds of the host that an eager operation may take beyond a bare loop.
const OVERHEAD_US: f64 = 15.0;

/// Measures a workload.
///
/// # Errors
/// What compiler and device report; a hand-written kernel with another result.
pub(crate) fn measure(
    setting: &Setting<'_>,
    floors: &Floors,
    workload: &Workload,
) -> Result<Outcome, Fault> {
    match workload.work {
        Work::Calls(build) => {
            settled(setting.mode, || calls(setting, floors, workload, &build(setting)?))
                .map(|row| Outcome::Row(Box::new(row)))
        }
        Work::Overhead(build) => {
            overhead(setting, workload, &build(setting)?).map(Outcome::Overhead)
        }
        Work::Compile(compilable) => {
            compiling::measure(setting, workload, compilable).map(Outcome::Compilation)
        }
    }
}

/// A row that misses a bar is measured twice more, with memory of its own each time, and the middle one stands: where its buffers
/// lie moves a call that is bound by memory by a tenth.
fn settled(mode: Mode, mut measure: impl FnMut() -> Result<Row, Fault>) -> Result<Row, Fault> {
    let first = measure()?;
    if verdict::missed_by(&first, mode) <= 1.0 {
        return Ok(first);
    }
    let mut rows = [first, measure()?, measure()?];
    rows.sort_by(|a, b| verdict::missed_by(a, mode).total_cmp(&verdict::missed_by(b, mode)));
    let [_, middle, _] = rows;
    Ok(middle)
}

/// A hand-written implementation as a call.
struct Contender {
    name: String,
    is_default: bool,
    call: Call,
}

fn calls(
    setting: &Setting<'_>,
    floors: &Floors,
    workload: &Workload,
    subject: &Subject,
) -> Result<Row, Fault> {
    let contenders = match workload.baseline {
        Some(baseline) => contenders(setting, baseline, subject)?,
        None => Vec::new(),
    };
    let (floor, floor_units, units, unit) = match workload.bound {
        Bound::Compute => (floors.fma.as_ref(), floors.fma_flops, workload.flops, Unit::GigaFlops),
        Bound::Memory => (Some(&floors.copy), floors.copy_bytes, workload.bytes, Unit::GigaBytes),
        Bound::Launch => (None, 0.0, 0.0, Unit::GigaBytes),
    };
    let mut all = vec![&subject.compiled, &subject.eager, &subject.no_fusion];
    all.extend(floor);
    all.extend(contenders.iter().map(|contender| &contender.call));
    let mut timings = interleaved(setting.device, &all)?.into_iter();
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
    let bar = workload.baseline.and_then(Baseline::bar);
    let rival = |name: String, timing: Timing, limit: f64| {
        let share = timing.giga_per_second(units) / limit;
        let counts = bar.is_none_or(|bar| share >= bar);
        Rival { name, timing, share, counts, ratio: timing.median_us / compiled.median_us }
    };
    let rivals = contenders.into_iter().zip(timings).filter_map(|(contender, timing)| {
        Some((contender.is_default, rival(contender.name, timing, limit?)))
    });
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
        hand_written: hand_written(rivals.collect(), bar),
    })
}

/// The best of hand-written implementations, and the one with the tile of the rules. A tile of several is told by its mark; where
/// several have it, the fastest stands for them.
fn hand_written(rivals: Vec<(bool, Rival)>, bar: Option<f64>) -> Option<HandWritten> {
    let fastest = |only_default: bool| {
        let rivals = rivals.iter().filter(|(is_default, _)| *is_default || !only_default);
        rivals.map(|(_, rival)| rival).max_by(|a, b| b.ratio.total_cmp(&a.ratio)).cloned()
    };
    Some(HandWritten { bar, best: fastest(false)?, same_tile: fastest(true) })
}

/// The hand-written implementations, after their results were compared with the compiled one.
fn contenders(
    setting: &Setting<'_>,
    baseline: Baseline,
    subject: &Subject,
) -> Result<Vec<Contender>, Fault> {
    let candidates = baseline.candidates(setting.device, &subject.inputs)?;
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let expected = baseline.expected((subject.result)()?)?;
    let scale = expected.abs().amax((), false).item::<f32>()?;
    let contender = |candidate: Candidate| {
        let Candidate { name, is_default, kernels, result, inputs } = candidate;
        kernels.run();
        let result = result.try_reshape(expected.shape())?;
        let difference = (&result - &expected).abs().amax((), false).item::<f32>()?;
        // Written so that a difference that is no number is refused too.
        let same = difference <= TOLERANCE * scale;
        if !same {
            return Err(Fault::Differs { name, difference, scale });
        }
        let run = dispatch(kernels);
        let call: Call = Box::new(move || {
            // The kernels read the inputs' memory, which is theirs for as long as they live.
            let _inputs = &inputs;
            run()
        });
        Ok(Contender { name, is_default, call })
    };
    candidates.into_iter().map(contender).collect()
}

fn overhead(setting: &Setting<'_>, workload: &Workload, eager: &Call) -> Result<Overhead, Fault> {
    let bare = setting.device.wgpu().map(|(gpu, queue)| bare(gpu, queue));
    let calls: Vec<&Call> = [eager].into_iter().chain(&bare).collect();
    let timings = on_host(setting.device, &calls)?;
    let bare = timings.get(1).copied();
    Ok(Overhead {
        group: workload.group,
        name: workload.name,
        shapes: workload.shapes,
        eager: timings[0],
        bare,
        difference_us: timings[0].median_us - bare.map_or(0.0, |bare| bare.median_us),
        bar_us: OVERHEAD_US,
    })
}

/// Encodes and submits one small dispatch.
fn bare(gpu: &wgpu::Device, queue: &wgpu::Queue) -> Call {
    let buffers = [(); 3].map(|()| storage(gpu, 16));
    dispatch(Kernels::new(gpu, queue).then(&addition(), buffers.iter().map(whole).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::{rival, row};

    #[test]
    fn a_row_that_misses_a_bar_is_measured_thrice_and_the_middle_one_stands() -> Result<(), Fault> {
        let measured = |over_eager: &[f64]| {
            let mut next = over_eager.iter();
            let settled = settled(Mode::Default, || {
                let over_eager = *next.next().ok_or(Fault::NoResult)?;
                Ok(Row { over_eager, ..row(rival("best", 1.0), None) })
            });
            settled.map(|row| (row.over_eager, next.len()))
        };
        assert_eq!(measured(&[1.0, 0.5, 0.5])?, (1.0, 2));
        assert_eq!(measured(&[0.5, 1.0, 0.9])?, (0.9, 0));
        assert_eq!(measured(&[0.9, 1.1, 1.2])?, (1.1, 0));
        Ok(())
    }
}
