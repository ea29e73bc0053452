//! The options of the compiler by name, as `--set KEY=VALUE` gives them.

use ferrodyne_compiler::fusion::AttentionForm;
use ferrodyne_compiler::passes::PassList;
use ferrodyne_plan::Target;

use super::SessionOptions;

/// An option by name.
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) values: &'static str,
    pub(super) doc: &'static str,
    pub(super) set: fn(&mut SessionOptions, &str) -> Option<()>,
}

/// All options.
pub(super) const SETTINGS: &[Setting] = &[
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
