//! What the compiler made of a model or a compiled function: each stage as data and as text.

mod call;
mod drawing;
mod memory;
mod page;
mod picture;
mod report;
mod timeline;

use std::fmt::Write;

use ferrodyne_compiler::fusion::Regions;
use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::passes::{PassCx, PassList};
use ferrodyne_compiler::pipeline;
use ferrodyne_plan::Target;
use ferrodyne_plan::plan::{Body, Plan};
use ferrodyne_runtime::Stopwatch;

use crate::error::Result;

pub use call::{CallReport, Explanation, Outcome, ProgramExplanation, explain};
pub(crate) use call::{is_watched, observed};
pub use page::SourceLines;
pub use report::{
    CutReport, GuardReport, KernelReport, MemoryReport, NodeReport, RegionReport, Report,
    SlotReport, SourceReport, SymbolReport, VariantReport,
};

pub use timeline::{Timeline, Track};

/// The stages that have a text, in order.
pub const STAGES: [&str; 7] = ["graph", "passes", "regions", "loops", "schedule", "wgsl", "plan"];

/// A compiled graph with what each stage made.
pub struct Compiled {
    /// The graph as captured or imported.
    pub captured: Graph,
    /// The graph after the passes.
    pub graph: Graph,
    /// Its partition.
    pub regions: Regions,
    /// The plan.
    pub plan: Plan,
    kernels: Vec<pipeline::RegionCode>,
    /// What a graph that branches or loops was cut into, and what it calls.
    pub parts: Vec<Compiled>,
    /// The passes that ran, in order.
    pub passes: String,
    target: String,
    stages: Vec<(String, f64)>,
}

impl Compiled {
    /// Compiles a graph and keeps what each stage made, with the stages' times.
    ///
    /// # Errors
    /// Faults of the compiler.
    pub(crate) fn make(
        captured: Graph,
        target: &Target,
        options: &pipeline::Options,
    ) -> Result<Compiled> {
        let mut stages = Vec::new();
        let mut watch = Stopwatch::start();
        let mut stage_ended = |stage: &str| stages.push((stage.to_owned(), watch.lap()));
        let compiled = pipeline::compile_observed(&captured, target, options, &mut stage_ended)?;
        let passes = options.passes.clone();
        let passes = passes.unwrap_or_else(|| PassList::default_for(target)).to_string();
        let target = format!("{} ({})", target.name, target.class);
        Ok(Compiled { stages, ..Compiled::of(captured, compiled, &passes, &target) })
    }

    fn of(captured: Graph, compiled: pipeline::Compiled, passes: &str, target: &str) -> Compiled {
        let pipeline::Compiled { plan, graph, regions, kernels, parts } = compiled;
        let part =
            |part: pipeline::Compiled| Compiled::of(part.graph.clone(), part, passes, target);
        let parts = parts.into_iter().map(part).collect();
        let (passes, target) = (passes.to_owned(), target.to_owned());
        let stages = Vec::new();
        Compiled { captured, graph, regions, plan, kernels, parts, passes, target, stages }
    }

    /// The kernels of a graph, or those of its parts.
    fn code(&self) -> Vec<&pipeline::RegionCode> {
        let parts = self.parts.iter().flat_map(Compiled::code);
        self.kernels.iter().chain(parts).collect()
    }

    /// The graph of a module by its path (`layer1.0`), as it was captured: the modules inside of it are calls. The empty path
    /// is the whole.
    ///
    /// # Errors
    /// A path that no called module has.
    pub fn module(&self, path: &str) -> std::result::Result<&Graph, String> {
        let found = if path.is_empty() { Some(&self.captured) } else { self.captured.module(path) };
        found.ok_or_else(|| format!("`{}` calls no module `{path}`", self.captured.name))
    }

    /// The graph of a module with the graphs of the modules inside of it in the place of their calls.
    ///
    /// # Errors
    /// As [`Compiled::module`].
    pub fn inlined(&self, path: &str) -> std::result::Result<Graph, String> {
        let mut graph = self.module(path)?.clone();
        let inline = PassList::named("inline").map_err(|fault| fault.to_string())?;
        let done = inline.run(&mut graph, &PassCx::default(), &mut |_, _| {});
        done.map_err(|fault| fault.to_string())?;
        Ok(graph)
    }

    /// The text of a stage; of the `kernel`-th region alone where that is asked for and the stage has one text a kernel.
    ///
    /// # Errors
    /// A stage or a kernel that is not there.
    pub fn text(&self, stage: &str, kernel: Option<usize>) -> std::result::Result<String, String> {
        let code = self.code();
        if let Some(index) = kernel.filter(|&k| k >= code.len()) {
            return Err(format!("there is no kernel {index}; there are {}", code.len()));
        }
        let chosen =
            || code.iter().enumerate().filter(move |(i, _)| kernel.is_none_or(|k| k == *i));
        match stage {
            "graph" => Ok(self.captured.to_string()),
            "passes" => Ok(self.graph.to_string()),
            "regions" if self.parts.is_empty() => Ok(self.regions.to_string()),
            "regions" => {
                let part = |part: &Compiled| {
                    Ok(format!("part {}\n{}", part.graph.name, part.text("regions", None)?))
                };
                self.parts.iter().map(part).collect()
            }
            "plan" => Ok(self.plan.to_string()),
            "loops" => Ok(chosen().map(|(_, code)| format!("{}\n", code.lowered.kernel)).collect()),
            "schedule" => Ok(chosen().map(|(_, code)| scheduled(code)).collect()),
            "wgsl" => Ok(chosen().map(|(_, code)| wgsl(code)).collect()),
            other => Err(format!("there is no stage `{other}`; there are: {}", STAGES.join(", "))),
        }
    }
}

fn scheduled(code: &pipeline::RegionCode) -> String {
    code.variants
        .iter()
        .flat_map(|v| &v.kernels)
        .map(|kernel| format!("{}\n", kernel.loops))
        .collect()
}

fn wgsl(code: &pipeline::RegionCode) -> String {
    let mut text = String::new();
    for variant in &code.variants {
        for kernel in &variant.kernels {
            if let Body::Wgsl(wgsl) = &kernel.code.body {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{}", wgsl.text);
            }
        }
    }
    text
}
