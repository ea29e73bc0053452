//! How a model is compiled, and the options by name, as `--set KEY=VALUE` gives them.

use ferrodyne_compiler::fusion::AttentionForm;
use ferrodyne_compiler::graph::Graph;
use ferrodyne_compiler::passes::PassList;
use ferrodyne_compiler::pipeline::{self, Picks};
use ferrodyne_plan::Target;

use crate::compile::{BackendKind, int64};

/// How a session compiles its model.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// Backend.
    pub backend: BackendKind,
    /// Makes declared dims constants of the first call's sizes.
    pub specialise: bool,
    /// Whether convolutions run channels last.
    pub channels_last: bool,
    /// What [`Session::explain`](super::Session::explain) compiles for; the session's device when absent. Nothing runs with it.
    pub target: Option<Target>,
    /// Options of the compiler's stages.
    pub compiler: pipeline::Options,
}

impl Default for SessionOptions {
    fn default() -> SessionOptions {
        let (backend, compiler) = Default::default();
        SessionOptions { backend, specialise: false, channels_last: true, target: None, compiler }
    }
}

impl SessionOptions {
    /// Options of the compiler for a target.
    pub(super) fn for_target(&self, target: &Target) -> pipeline::Options {
        let mut options = self.compiler.clone();
        if !self.channels_last {
            let passes = options.passes.take().unwrap_or_else(|| PassList::default_for(target));
            options.passes = Some(passes.without("layout"));
        }
        options
    }

    /// What the compiler makes of a graph.
    pub(super) fn explain(
        &self,
        graph: Graph,
        target: &Target,
    ) -> crate::error::Result<crate::explain::Compiled> {
        let mut options = self.for_target(target);
        options.fusion.enabled &= self.backend != BackendKind::NoFusion;
        crate::explain::Compiled::make(graph, target, &options)
    }

    /// The options that [`SessionOptions::set`] takes, each with its meaning.
    pub fn settings() -> Vec<String> {
        SETTINGS.iter().map(|s| format!("{}={}: {}", s.key, s.values, s.doc)).collect()
    }

    /// Sets an option of the compiler by name.
    ///
    /// # Errors
    /// A key or value that is not there; the message lists the choices.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let setting = SETTINGS.iter().find(|setting| setting.key == key);
        let keys = || SETTINGS.iter().map(|s| s.key).collect::<Vec<_>>().join(", ");
        let setting =
            setting.ok_or_else(|| format!("there is no option `{key}`; there are: {}", keys()))?;
        (setting.set)(self, value)
            .ok_or_else(|| format!("`{key}` takes {}, not `{value}`", setting.values))
    }
}

/// An option by name.
struct Setting {
    key: &'static str,
    values: &'static str,
    doc: &'static str,
    set: fn(&mut SessionOptions, &str) -> Option<()>,
}

const SETTINGS: &[Setting] = &[
    Setting {
        key: "fusion",
        values: "on|off",
        doc: "whether operations are fused into kernels",
        set: |options, value| {
            options.compiler.fusion.enabled = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "attention",
        values: "auto|one_pass|three_kernels",
        doc: "whether attention is one pass over the keys that keeps no scores, or three kernels",
        set: |options, value| {
            options.compiler.fusion.attention = match value {
                "auto" => AttentionForm::Chosen,
                "one_pass" => AttentionForm::OnePass,
                "three_kernels" => AttentionForm::ThreeKernels,
                _ => return None,
            };
            Some(())
        },
    },
    Setting {
        key: "row_tiles",
        values: "on|off",
        doc: "whether what reduces the rows of a contraction may stand in its kernel",
        set: |options, value| {
            options.compiler.fusion.rows_of_contractions = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "layout",
        values: "nchw|nhwc",
        doc: "whether convolutions run as captured, or channels last",
        set: |options, value| {
            options.channels_last = match value {
                "nhwc" => true,
                "nchw" => false,
                _ => return None,
            };
            Some(())
        },
    },
    Setting {
        key: "int64",
        values: "narrow|pair",
        doc: "whether devices hold i64 as i32, with its range checked, or as a pair of u32, exact over the whole range",
        set: |options, value| {
            options.compiler.int64 = int64(value).ok()?;
            Some(())
        },
    },
    Setting {
        key: "target",
        values: "webgpu-default|webgpu-subgroups|chrome-desktop|vulkan-desktop|metal-apple|dx12-desktop|mobile-adreno|mobile-mali|software|cpu",
        doc: "what `explain` compiles for: hardware that need not be here",
        set: |options, value| {
            options.target = Some(Target::named(value)?);
            Some(())
        },
    },
    Setting {
        key: "split_k",
        values: "on|off",
        doc: "whether long reductions are split over workgroups into two kernels",
        set: |options, value| {
            options.compiler.schedule.split_reductions = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "tune",
        values: "on|off",
        doc: "whether alternative schedules are measured on the device, and the fastest taken",
        set: |options, value| {
            options.compiler.tune = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "checked",
        values: "on|off",
        doc: "whether verifiers look at the graph after every pass and at the loops of every kernel",
        set: |options, value| {
            options.compiler.checked = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "pick",
        values: "NUMBER",
        doc: "which alternative to the rules' schedule every kernel takes that has one of that number, 0 for none",
        set: |options, value| {
            let pick: usize = value.parse().ok()?;
            options.compiler.picks = Picks::all(pick);
            // Kernels that are shared cannot be picked one by one.
            options.compiler.schedule.shared_sizes &= pick == 0;
            Some(())
        },
    },
    Setting {
        key: "variants",
        values: "on|off",
        doc: "whether kernels for special sizes stand beside the general ones",
        set: |options, value| {
            options.compiler.schedule.variants = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "shared_sizes",
        values: "on|off",
        doc: "whether kernels that differ in sizes alone are one kernel, where the driver compiles slowly",
        set: |options, value| {
            options.compiler.schedule.shared_sizes = switch(value)?;
            Some(())
        },
    },
    Setting {
        key: "passes",
        values: "NAME,NAME,..",
        doc: "the passes to run, in order",
        set: |options, value| {
            options.compiler.passes = Some(PassList::named(value).ok()?);
            Some(())
        },
    },
];

fn switch(value: &str) -> Option<bool> {
    match value {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}
