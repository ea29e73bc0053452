//! The way of data through the compiler, stage by stage.

use std::collections::BTreeMap;

use ferrodyne_plan::loops::{Kernel, verify};
use ferrodyne_plan::plan::{Access, Binding, Body, Condition, Plan, PlanKernel, Ranges};
use ferrodyne_plan::{Diagnostic, Dim, Name, Target};

use crate::fusion::{self, AttentionForm, FusionOptions, Region, RegionKind, Regions};
use crate::graph::{Graph, NodeId};
use crate::lower::{self, Lowered};
use crate::ops::{self, OpClass};
use crate::passes::{PassCx, PassList, joins};
use crate::planning::{self, Arg, Limits, Work, WorkKernel, WorkVariant, eager};
use crate::schedule::{self, ScheduleOptions, ScheduledVariant};
use crate::wgsl::{self, WgslFault};

mod bodies;
mod flow;
mod int64;
mod picks;
mod share;
mod sizes;
mod words;

pub use int64::Int64;
pub use picks::Picks;
use sizes::Opened;

/// Options of the stages.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How devices hold 64-bit integers.
    pub int64: Int64,
    /// Passes to run; those that the target wants when absent.
    pub passes: Option<PassList>,
    /// Choices of fusion.
    pub fusion: FusionOptions,
    /// Choices of schedules.
    pub schedule: ScheduleOptions,
    /// What a tuner found to be faster than what the rules would take.
    pub picks: Picks,
    /// Runs the verifiers after every pass and on the loops of every kernel, before and after scheduling: what they find is a fault
    /// of ferrodyne. Debug builds verify graphs without being asked.
    pub checked: bool,
    /// Asks whoever has a device to measure the rules' alternatives and to fill `picks`: the compiler has no device, and does
    /// not read it.
    pub tune: bool,
}

/// A compiled graph: the plan, and what each stage made.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The plan.
    pub plan: Plan,
    /// The graph after the passes.
    pub graph: Graph,
    /// Its partition.
    pub regions: Regions,
    /// Each region's kernels, in the order of the regions.
    pub kernels: Vec<RegionCode>,
    /// What a graph that branches or loops was cut into, and what it calls: then the graph itself has no regions.
    pub parts: Vec<Compiled>,
}

impl Compiled {
    /// Itself and its parts, and theirs.
    pub fn all(&self) -> Vec<&Compiled> {
        std::iter::once(self).chain(self.parts.iter().flat_map(Compiled::all)).collect()
    }
}

/// What became of a region.
#[derive(Clone, Debug)]
pub struct RegionCode {
    /// The region's name.
    pub name: Name,
    /// Equal for regions that share their kernels: what [`Picks`] know the kernel by.
    pub key: String,
    /// Its loops, with the values of their parameters.
    pub lowered: Lowered,
    /// Names of the loops' parameters in the code, which may be shared with another region.
    pub params: Vec<Name>,
    /// Scheduled loops and code, a variant at a time; the last one needs nothing.
    pub variants: Vec<CodeVariant>,
}

/// A way to compute a region.
#[derive(Clone, Debug)]
pub struct CodeVariant {
    /// What must hold.
    pub needs: Vec<Condition>,
    /// Kernels in order, each with its loops.
    pub kernels: Vec<CodeKernel>,
}

/// A kernel: scheduled loops, code and grid.
#[derive(Clone, Debug)]
pub struct CodeKernel {
    /// The loops, after scheduling.
    pub loops: Kernel,
    /// The code.
    pub code: PlanKernel,
    /// Workgroups.
    pub groups: [Dim; 3],
    /// Loop iterations of an invocation, where they may be more than the target runs.
    pub iterations: Option<Dim>,
}

/// Compiles a graph for a target.
///
/// # Errors
/// What passes and lowering find wrong with the graph, with the lines involved.
pub fn compile(graph: &Graph, target: &Target, options: &Options) -> Result<Compiled, Diagnostic> {
    compile_observed(graph, target, options, &mut |_| {})
}

/// Compiles, and calls `stage_ended` with the name of each stage when it is done.
///
/// # Errors
/// As [`compile`].
pub fn compile_observed(
    graph: &Graph,
    target: &Target,
    options: &Options,
    stage_ended: &mut dyn FnMut(&str),
) -> Result<Compiled, Diagnostic> {
    let mut graph = options.int64.applied(graph)?;
    if bodies::has_control(&graph) {
        PassList::named("inline,dce")?.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        graph = bodies::choose_small_arms(&graph, target)?;
        PassList::named("dce")?.run(&mut graph, &PassCx::default(), &mut |_, _| {})?;
        if bodies::has_control(&graph) {
            if !target.is_cpu() {
                graph = words::whole_words(&graph)?;
            }
            // The parts' integers are what they are to be.
            let options = &Options { int64: Int64::Narrow, ..options.clone() };
            let compiled = flow::compile_flow(graph, target, options)?;
            stage_ended("parts");
            return Ok(compiled);
        }
    }
    let passes = options.passes.clone().unwrap_or_else(|| PassList::default_for(target));
    tracing::debug!(target: "passes", "`{}` as captured:\n{graph}", graph.name);
    let cx = PassCx {
        panel: schedule::panel(target),
        checked: options.checked || cfg!(debug_assertions),
        ..PassCx::default()
    };
    let mut eager_bytes = eager::peak(&graph);
    passes.run(&mut graph, &cx, &mut |pass, graph| {
        if pass == "inline" {
            // The same captured graph: called graphs stand in the place of their calls.
            eager_bytes = eager::peak(graph);
        }
        tracing::debug!(target: "passes", "`{}` after `{pass}`:\n{graph}", graph.name);
    })?;
    int64::check_constants(&graph)?;
    joins::split(&mut graph, target)?;
    stage_ended("passes");
    let (regions, lowered) = regions(&graph, target, &options.fusion, stage_ended)?;
    let kernels = generate(&graph, &regions, lowered, target, options)?;
    if options.checked {
        verify_loops(&kernels)?;
    }
    stage_ended("kernels");
    let work: Vec<Work> =
        regions.regions.iter().zip(&kernels).map(|(region, code)| work(region, code)).collect();
    let aliases: BTreeMap<NodeId, NodeId> =
        regions.aliases.iter().map(|a| (a.value, a.of)).collect();
    let plan = planning::plan(&graph, &work, &aliases, &Limits { target, eager_bytes });
    stage_ended("planning");
    Ok(Compiled { plan, graph, regions, kernels, parts: Vec::new() })
}

/// Verifies the loops of all kernels, before and after scheduling.
fn verify_loops(kernels: &[RegionCode]) -> Result<(), Diagnostic> {
    for code in kernels {
        let scheduled = code.variants.iter().flat_map(|variant| &variant.kernels);
        for kernel in std::iter::once(&code.lowered.kernel).chain(scheduled.map(|k| &k.loops)) {
            verify(kernel).map_err(|error| {
                fault(kernel, &error).note("the loops are wrong; this is a fault of ferrodyne")
            })?;
        }
    }
    Ok(())
}

/// The regions of a graph and their loops.
fn regions(
    graph: &Graph,
    target: &Target,
    options: &FusionOptions,
    stage_ended: &mut dyn FnMut(&str),
) -> Result<(Regions, Vec<Lowered>), Diagnostic> {
    let regions = fusion::partition(graph, target, options);
    stage_ended("fusion");
    let lowered = regions.regions.iter().map(|r| lower::lower(graph, r));
    let lowered = lowered.collect::<Result<Vec<_>, _>>()?;
    stage_ended("lower");
    let all = || regions.regions.iter().zip(&lowered);
    let attention = all().all(|(region, lowered)| {
        region.kind != RegionKind::Attention || schedule::takes_attention(&lowered.kernel, target)
    });
    let rows = all().all(|(region, lowered)| {
        !reduces_rows(graph, region) || schedule::takes_rows(&lowered.kernel, target)
    });
    if attention && rows {
        return Ok((regions, lowered));
    }
    // Loops of another shape than these schedules have would be computed again for every element of the result.
    let mut options = options.clone();
    if !attention {
        options.attention = AttentionForm::ThreeKernels;
    }
    options.rows_of_contractions &= rows;
    self::regions(graph, target, &options, stage_ended)
}

/// Whether a region is a contraction with what reduces its rows.
fn reduces_rows(graph: &Graph, region: &Region) -> bool {
    let class = |id: &NodeId| ops::find(&graph.node(*id).op).map(|row| row.class);
    region.kind == RegionKind::Contraction
        && region.nodes.iter().any(|id| class(id) == Some(OpClass::Reduce))
}

/// The code of all regions. Regions whose loops are equal but for names share it, and where the target gains by it those
/// that differ in sizes too, so that a model of like layers compiles about one of them.
fn generate(
    graph: &Graph,
    regions: &Regions,
    lowered: Vec<Lowered>,
    target: &Target,
    options: &Options,
) -> Result<Vec<RegionCode>, Diagnostic> {
    let Options { schedule: options, picks, .. } = options;
    let hint = |dim: &Dim| dim.eval(&|var| graph.symbols.get(var.name()).and_then(|s| s.hint)).ok();
    let opening = |(region, lowered): (&Region, &Lowered)| {
        let opening = schedule::opening(&lowered.kernel, region.weights_only, target, options)?;
        sizes::opened(&lowered.kernel, &opening)
    };
    let mut opened = sizes::alike(regions.regions.iter().zip(&lowered).map(opening).collect());
    let mut made: BTreeMap<String, (Vec<Name>, Vec<CodeVariant>)> = BTreeMap::new();
    let mut all = Vec::with_capacity(lowered.len());
    for (at, (region, lowered)) in regions.regions.iter().zip(lowered).enumerate() {
        let own = opened[at].take();
        let kernel = own.as_ref().map_or(&lowered.kernel, |own| &own.kernel);
        let value = |dim: &Dim| hint(&own.as_ref().map_or(dim.clone(), |own| own.close(dim)));
        let (key, scheduled) = match &own {
            None => (share::canonical_text(kernel), None),
            Some(own) => {
                // Sizes may want other schedules: only equal ones are shared.
                let is_number = |name: &Name| own.value(name).is_some();
                let scheduled =
                    schedule::schedule_opened(kernel, target, options, &value, &is_number)
                        .map_err(|error| fault(kernel, &error))?;
                (share::schedule_text(&scheduled), Some(scheduled))
            }
        };
        if !made.contains_key(&key) {
            let params = kernel.params.iter().map(|p| p.name.clone()).collect();
            let variants = match scheduled {
                Some(scheduled) => code_of(kernel, target, options, &value, Some(scheduled))?,
                None => {
                    let options = ScheduleOptions { pick: picks.of(&key), ..options.clone() };
                    code_of(kernel, target, &options, &value, None)?
                }
            };
            made.insert(key.clone(), (params, variants));
        }
        let (params, mut variants) = made[&key].clone();
        if let Some(own) = &own {
            variants.iter_mut().for_each(|variant| variant.close(own));
        }
        all.push(RegionCode { name: region.name.clone(), key, lowered, params, variants });
    }
    Ok(all)
}

impl CodeVariant {
    /// Puts the values of opened sizes in the place of their symbols, everywhere but in the text.
    fn close(&mut self, opened: &Opened) {
        for need in &mut self.needs {
            let (Condition::Multiple(dim, _)
            | Condition::AtMost(dim, _)
            | Condition::AtLeast(dim, _)) = need;
            *dim = opened.close(dim);
        }
        for kernel in &mut self.kernels {
            let dims = kernel.code.sizes.iter_mut().chain(&mut kernel.groups);
            let dims = dims.chain(&mut kernel.iterations);
            dims.for_each(|dim| *dim = opened.close(dim));
            opened.close_loops(&mut kernel.loops);
        }
    }
}

fn code_of(
    kernel: &Kernel,
    target: &Target,
    options: &ScheduleOptions,
    hint: &dyn Fn(&Dim) -> Option<i64>,
    scheduled: Option<Vec<ScheduledVariant>>,
) -> Result<Vec<CodeVariant>, Diagnostic> {
    if target.is_cpu() {
        let code = CodeKernel {
            loops: kernel.clone(),
            code: loops_kernel(kernel, target),
            groups: [1, 1, 1].map(Dim::from),
            iterations: None,
        };
        return Ok(vec![CodeVariant { needs: Vec::new(), kernels: vec![code] }]);
    }
    let schedule = |options: &ScheduleOptions| {
        schedule::schedule(kernel, target, options, hint).map_err(|error| fault(kernel, &error))
    };
    let variants = match scheduled {
        Some(variants) => variants,
        None => schedule(options)?,
    };
    printed(variants, target).or_else(|error| match error {
        // A rule cannot always tell whether a store has whole words.
        WgslFault::PartOfWord { .. } => {
            let options = ScheduleOptions { words_first: true, ..options.clone() };
            printed(schedule(&options)?, target).map_err(|error| fault(kernel, &error))
        }
        error => Err(fault(kernel, &error)),
    })
}

fn fault(kernel: &Kernel, message: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::new("kernel", format!("`{}`: {message}", kernel.name))
}

fn printed(
    variants: Vec<ScheduledVariant>,
    target: &Target,
) -> Result<Vec<CodeVariant>, WgslFault> {
    let print = |variant: ScheduledVariant| {
        let kernels = variant.kernels.into_iter().map(|scheduled| {
            let text = wgsl::print(&scheduled, target)?;
            let code = PlanKernel {
                name: scheduled.name.clone(),
                bindings: bindings(&scheduled, target),
                sizes: text.sizes,
                body: Body::Wgsl(text.kernel),
                sources: scheduled.sources.clone(),
            };
            let iterations = schedule::unbounded_iterations(&scheduled, target);
            Ok(CodeKernel { loops: scheduled, code, groups: text.groups, iterations })
        });
        Ok(CodeVariant {
            needs: variant.needs,
            kernels: kernels.collect::<Result<_, WgslFault>>()?,
        })
    };
    variants.into_iter().map(print).collect()
}

fn loops_kernel(kernel: &Kernel, target: &Target) -> PlanKernel {
    PlanKernel {
        name: kernel.name.clone(),
        bindings: bindings(kernel, target),
        sizes: Vec::new(),
        body: Body::Loops(Box::new(kernel.clone())),
        sources: kernel.sources.clone(),
    }
}

fn bindings(kernel: &Kernel, target: &Target) -> Vec<Binding> {
    use ferrodyne_plan::loops::Role;
    let binding = |param: &ferrodyne_plan::loops::Param| Binding {
        name: param.name.clone(),
        access: if param.role == Role::In { Access::Read } else { Access::ReadWrite },
        ranges: (param.ranges > 1)
            .then(|| Ranges { count: param.ranges, bytes: target.range_bytes() }),
    };
    kernel.params.iter().map(binding).collect()
}

/// What the planner arranges for a region. Parameters that the region's own loops do not have are buffers between kernels.
fn work(region: &Region, code: &RegionCode) -> Work {
    let variants = code.variants.iter().map(|variant| {
        let mut scratch: Vec<(Name, Dim)> = Vec::new();
        let kernels = variant.kernels.iter().map(|kernel| {
            let args = kernel.loops.params.iter().map(|param| {
                if let Some(position) = code.params.iter().position(|name| *name == param.name) {
                    return Arg::Value(code.lowered.values[position]);
                }
                let index =
                    scratch.iter().position(|(name, _)| *name == param.name).unwrap_or_else(|| {
                        scratch.push((param.name.clone(), param.dtype.tensor_bytes(&param.dims)));
                        scratch.len() - 1
                    });
                Arg::Scratch(index)
            });
            WorkKernel {
                kernel: kernel.code.clone(),
                groups: kernel.groups.clone(),
                iterations: kernel.iterations.clone(),
                args: args.collect(),
            }
        });
        let kernels = kernels.collect();
        let scratch = scratch.into_iter().map(|(_, bytes)| bytes).collect();
        WorkVariant { needs: variant.needs.clone(), kernels, scratch }
    });
    Work {
        outputs: region.outputs.clone(),
        copies: code.lowered.merged.iter().map(|(to, from)| (*from, *to)).collect(),
        variants: variants.collect(),
        weights_only: region.weights_only,
    }
}
