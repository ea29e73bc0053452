//! Tuning: the alternatives of the rules, measured on the device that will run them.
//!
//! In: a graph, options that ask for it, the values of a call. Out: the options with picks. Promise: a kernel keeps what the rules
//! take unless another schedule is faster by [`GAIN`] in the median of rounds that run the two in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::pipeline::{self, Picks, RegionCode};
use ferrodyne_plan::Name;
use ferrodyne_plan::plan::{Body, Sizes};
#[cfg(not(target_arch = "wasm32"))]
use ferrodyne_runtime::{Buffer, KernelTime};
use ferrodyne_runtime::{Prepared, RuntimeError};

use super::options::BackendKind;
use crate::device::Device;
use crate::error::Result;
use crate::tensor::Stored;

/// More alternatives than any rule has.
const PICKS_MAX: usize = 24;

/// Rounds in which an alternative and the rules' choice run in turn.
const ROUNDS: usize = 5;

/// Part of the rules' time that an alternative must save: less is within the noise of a round.
const GAIN: f64 = 0.05;

/// Kernels that take less of the whole time than this are left alone.
const SHARE_MIN: f64 = 0.01;

/// The values of the call on which schedules are measured.
pub(crate) struct Trial<'a> {
    /// Values of the graph's symbols.
    pub(crate) sizes: &'a Sizes,
    /// Values of all inputs, in the order of the graph's.
    pub(crate) inputs: &'a [&'a Stored],
}

/// The options with what was measured to be fastest, where they ask for it. A device that cannot time kernels, the CPU executor
/// and programs that write their inputs keep the rules' choice.
///
/// # Errors
/// Faults of the compiler.
pub(crate) fn tuned(
    graph: &Graph,
    device: &Device,
    backend: BackendKind,
    options: pipeline::Options,
    trial: &Trial<'_>,
) -> Result<pipeline::Options> {
    let compiles = matches!(backend, BackendKind::Inductor | BackendKind::NoFusion);
    if !options.tune || !compiles || device.target().is_cpu() || !graph.write_backs.is_empty() {
        return Ok(options);
    }
    let mut options = options;
    options.fusion.enabled &= backend != BackendKind::NoFusion;
    // Kernels that are shared cannot be picked one by one.
    options.schedule.shared_sizes = false;
    let tuner = Tuner { graph, device, options: &options, trial };
    let picks = match tuner.picks()? {
        Ok(picks) => picks,
        Err(fault) => {
            tracing::warn!(target: "perf", "`{}` is not tuned: {fault}", graph.name);
            Picks::default()
        }
    };
    Ok(pipeline::Options { picks, ..options })
}

struct Tuner<'a> {
    graph: &'a Graph,
    device: &'a Device,
    options: &'a pipeline::Options,
    trial: &'a Trial<'a>,
}

/// A program in which some kernels have another schedule.
struct Attempt {
    prepared: Box<dyn Prepared>,
    /// Names of the kernels that compute the regions of a key.
    names: BTreeMap<String, BTreeSet<Name>>,
}

/// Milliseconds by key.
type Times = BTreeMap<String, f64>;

/// The schedules that were measured, by the key of their region.
#[derive(Default)]
struct Seen(BTreeMap<String, BTreeSet<String>>);

impl Seen {
    fn add(&mut self, code: &RegionCode) {
        self.0.entry(code.key.clone()).or_default().insert(text(code));
    }

    fn lacks(&self, code: &RegionCode) -> bool {
        self.0.get(&code.key).is_none_or(|texts| !texts.contains(&text(code)))
    }
}

impl Tuner<'_> {
    /// The inner result says whether the device could measure.
    fn picks(&self) -> Result<std::result::Result<Picks, RuntimeError>> {
        let rules = self.compiled(&Picks::default())?;
        let mut seen = Seen::default();
        rules.kernels.iter().for_each(|code| seen.add(code));
        let names: BTreeMap<String, Name> =
            rules.kernels.iter().rev().map(|code| (code.key.clone(), code.name.clone())).collect();
        let measured = self.attempt(rules).and_then(|base| Ok((self.hot(&base)?, base)));
        let (hot, base) = match measured {
            Ok(measured) => measured,
            Err(fault) => return Ok(Err(fault)),
        };
        let mut best: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        for pick in 1..=PICKS_MAX {
            for (key, ratio) in self.tried(pick, &hot, &base, &mut seen)? {
                let known = best.entry(key).or_insert((0, 1.0 - GAIN));
                if ratio < known.1 {
                    *known = (pick, ratio);
                }
            }
        }
        best.retain(|_, (pick, _)| *pick > 0);
        for (key, (pick, ratio)) in &best {
            let name = names.get(key).map_or("?", Name::as_str);
            tracing::info!(target: "perf", "`{name}`: alternative {pick} takes {ratio:.2} of the time");
        }
        let of = best.into_iter().map(|(key, (pick, _))| (key, pick)).collect();
        Ok(Ok(Picks { others: 0, of }))
    }

    /// Keys of the regions whose kernels take a part of the time that is worth trying for.
    fn hot(&self, base: &Attempt) -> std::result::Result<BTreeSet<String>, RuntimeError> {
        // The first run pays for the driver's compiler.
        self.times(base)?;
        let times = self.times(base)?;
        let total: f64 = times.values().sum();
        let hot = times.into_iter().filter(|(_, ms)| *ms >= SHARE_MIN * total);
        Ok(hot.map(|(key, _)| key).collect())
    }

    /// What the alternative of a number takes in parts of the base's time, for each region in which it is a new schedule.
    fn tried(
        &self,
        pick: usize,
        hot: &BTreeSet<String>,
        base: &Attempt,
        seen: &mut Seen,
    ) -> Result<Vec<(String, f64)>> {
        let picks = |keys: &BTreeSet<String>| Picks {
            others: 0,
            of: keys.iter().map(|key| (key.clone(), pick)).collect(),
        };
        let compiled = self.compiled(&picks(hot))?;
        let new = compiled.kernels.iter().filter(|code| hot.contains(&code.key));
        let new: BTreeSet<String> =
            new.filter(|code| seen.lacks(code)).map(|code| code.key.clone()).collect();
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let compiled = self.compiled(&picks(&new))?;
        compiled.kernels.iter().filter(|code| new.contains(&code.key)).for_each(|c| seen.add(c));
        // What the device refuses, too much workgroup memory say, is no alternative.
        let measured = self.attempt(compiled).and_then(|attempt| self.ratios(base, &attempt, &new));
        Ok(measured.unwrap_or_default())
    }

    fn compiled(&self, picks: &Picks) -> Result<pipeline::Compiled> {
        let options = pipeline::Options { picks: picks.clone(), ..self.options.clone() };
        Ok(pipeline::compile(self.graph, self.device.target(), &options)?)
    }

    fn attempt(&self, compiled: pipeline::Compiled) -> std::result::Result<Attempt, RuntimeError> {
        let mut names: BTreeMap<String, BTreeSet<Name>> = BTreeMap::new();
        for code in &compiled.kernels {
            let kernels = code.variants.iter().flat_map(|variant| &variant.kernels);
            let own = kernels.map(|kernel| kernel.code.name.clone());
            names.entry(code.key.clone()).or_default().extend(own);
        }
        let prepared = self.device.backend().prepare(Arc::new(compiled.plan), None)?;
        Ok(Attempt { prepared, names })
    }

    #[cfg(target_arch = "wasm32")]
    fn times(&self, _attempt: &Attempt) -> std::result::Result<Times, RuntimeError> {
        Err(RuntimeError::MissingFeature {
            device: self.device.target().name.to_string(),
            feature: "timestamps that can be waited for".to_owned(),
            what: "tuning".to_owned(),
        })
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn times(&self, attempt: &Attempt) -> std::result::Result<Times, RuntimeError> {
        let buffers: Vec<Buffer> = self.trial.inputs.iter().map(|t| t.buffer.clone()).collect();
        let profile = attempt.prepared.profile_now(self.trial.sizes, &buffers)?;
        let time = |names: &BTreeSet<Name>| {
            let own = |kernel: &&KernelTime| names.contains(kernel.name.as_str());
            profile.kernels.iter().filter(own).map(|kernel| kernel.ms).sum::<f64>()
        };
        Ok(attempt.names.iter().map(|(key, names)| (key.clone(), time(names))).collect())
    }

    /// The median over the rounds of the attempt's time in parts of the base's.
    fn ratios(
        &self,
        base: &Attempt,
        attempt: &Attempt,
        keys: &BTreeSet<String>,
    ) -> std::result::Result<Vec<(String, f64)>, RuntimeError> {
        self.times(attempt)?;
        let mut rounds: BTreeMap<&String, Vec<f64>> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let (own, other) = (self.times(attempt)?, self.times(base)?);
            for key in keys {
                let (Some(own), Some(other)) = (own.get(key), other.get(key)) else { continue };
                if *other > 0.0 {
                    rounds.entry(key).or_default().push(own / other);
                }
            }
        }
        let median = |(key, mut ratios): (&String, Vec<f64>)| {
            ratios.sort_by(f64::total_cmp);
            (key.clone(), ratios[ratios.len() / 2])
        };
        Ok(rounds.into_iter().map(median).collect())
    }
}

/// What tells two schedules of a region apart.
fn text(code: &RegionCode) -> String {
    let kernels = code.variants.iter().flat_map(|variant| &variant.kernels);
    let body = |kernel: &pipeline::CodeKernel| match &kernel.code.body {
        Body::Wgsl(code) => code.text.clone(),
        Body::Loops(kernel) => kernel.to_string(),
    };
    kernels.map(body).collect()
}
