//! What a device can do, as plain numbers. A compile is a pure function of its target.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Name;

/// The kind of device, which picks the rules of schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DeviceClass {
    /// A GPU with memory of its own.
    Discrete,
    /// A GPU that shares the host's memory.
    Integrated,
    /// An Apple GPU.
    Apple,
    /// A software adapter that runs WGSL on the CPU.
    Software,
    /// Any device behind a browser.
    Browser,
    /// The CPU executor: plans carry loops, no WGSL.
    Cpu,
}

impl DeviceClass {
    /// The name in text forms.
    pub fn name(self) -> &'static str {
        match self {
            DeviceClass::Discrete => "discrete",
            DeviceClass::Integrated => "integrated",
            DeviceClass::Apple => "apple",
            DeviceClass::Software => "software",
            DeviceClass::Browser => "browser",
            DeviceClass::Cpu => "cpu",
        }
    }
}

impl fmt::Display for DeviceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a device can do. Sizes are in bytes unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// Name of the device or of the profile.
    pub name: Name,
    /// Kind of device.
    pub class: DeviceClass,
    /// Invocations of a subgroup, when subgroup operations may be used and every subgroup has this size.
    pub subgroup_size: Option<u32>,
    /// Whether `enable f16;` is allowed.
    pub f16: bool,
    /// Whether `enable subgroups;` must stand in the text (browsers) or may not (naga).
    pub enable_subgroups: bool,
    /// Bytes of immediates (push constants); 0 means that sizes come from a uniform buffer.
    pub immediate_bytes: u32,
    /// Storage buffers that one kernel may bind.
    pub storage_buffers_max: u32,
    /// Largest bound range.
    pub binding_bytes_max: u64,
    /// Largest buffer.
    pub buffer_bytes_max: u64,
    /// Workgroup memory of one workgroup.
    pub workgroup_bytes_max: u32,
    /// Invocations of one workgroup.
    pub invocations_max: u32,
    /// Invocations of one workgroup along x, y and z.
    pub workgroup_size_max: [u32; 3],
    /// Workgroups of a dispatch along one dimension.
    pub groups_max: u32,
    /// Loop iterations that one invocation may run in all, where the driver has such a cap.
    pub iterations_max: Option<u64>,
    /// Statements of one kernel that the driver compiles in reasonable time.
    pub statements_max: u32,
}

impl Target {
    /// The CPU executor.
    pub fn cpu() -> Target {
        Target {
            name: Name::from("cpu"),
            class: DeviceClass::Cpu,
            subgroup_size: None,
            immediate_bytes: 0,
            storage_buffers_max: 64,
            binding_bytes_max: 1 << 40,
            buffer_bytes_max: 1 << 40,
            iterations_max: None,
            ..Target::webgpu_default()
        }
    }

    /// The limits that every WebGPU implementation grants.
    pub fn webgpu_default() -> Target {
        Target {
            name: Name::from("webgpu-default"),
            class: DeviceClass::Browser,
            subgroup_size: None,
            f16: false,
            enable_subgroups: true,
            immediate_bytes: 0,
            storage_buffers_max: 8,
            binding_bytes_max: 128 << 20,
            buffer_bytes_max: 256 << 20,
            workgroup_bytes_max: 16 << 10,
            invocations_max: 256,
            workgroup_size_max: [256, 256, 64],
            groups_max: 65_535,
            iterations_max: None,
            statements_max: 4000,
        }
    }

    /// Mesa's software adapter (lavapipe) with 256-bit vectors. An invocation ends silently after 65,535 loop iterations.
    pub fn software() -> Target {
        Target {
            name: Name::from("software"),
            class: DeviceClass::Software,
            subgroup_size: Some(8),
            enable_subgroups: false,
            workgroup_bytes_max: 32 << 10,
            invocations_max: 1024,
            workgroup_size_max: [1024, 1024, 1024],
            iterations_max: Some(60_000),
            statements_max: 800,
            ..Target::webgpu_default()
        }
    }

    /// A discrete GPU of the present through Vulkan, with subgroups of 32.
    pub fn vulkan_desktop() -> Target {
        Target {
            name: Name::from("vulkan-desktop"),
            class: DeviceClass::Discrete,
            subgroup_size: Some(32),
            enable_subgroups: false,
            f16: true,
            storage_buffers_max: 16,
            binding_bytes_max: 2 << 30,
            buffer_bytes_max: 4 << 30,
            workgroup_bytes_max: 48 << 10,
            invocations_max: 1024,
            workgroup_size_max: [1024, 1024, 64],
            ..Target::webgpu_default()
        }
    }

    /// The targets that ship with the crate, for compiling without the hardware.
    pub fn named(name: &str) -> Option<Target> {
        [Target::cpu(), Target::webgpu_default(), Target::software(), Target::vulkan_desktop()]
            .into_iter()
            .find(|t| t.name.as_ref() == name)
    }

    /// Whether plans for this target carry loops for the CPU executor instead of WGSL.
    pub fn is_cpu(&self) -> bool {
        self.class == DeviceClass::Cpu
    }
}
