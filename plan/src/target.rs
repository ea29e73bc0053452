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
    /// Bytes of each range, but the last, of a buffer that is bound in several: a multiple of 256, where ranges may begin.
    pub fn range_bytes(&self) -> u64 {
        self.binding_bytes_max & !255
    }

    /// Ranges that a buffer of so many bytes is bound in.
    pub fn ranges(&self, bytes: u64) -> u32 {
        match bytes <= self.binding_bytes_max {
            true => 1,
            false => u32::try_from(bytes.div_ceil(self.range_bytes())).unwrap_or(u32::MAX),
        }
    }

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

    /// A discrete GPU of the present through Vulkan: NVIDIA since Turing, AMD since RDNA, both with subgroups of 32. The figures
    /// are the least that these report for `VkPhysicalDeviceLimits` (vulkan.gpuinfo.org): shared memory 48 KiB, 1024 invocations.
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

    /// Chrome on a desktop: the limits that it grants beyond WebGPU's own since it exposes tiers of them (10 storage buffers,
    /// 2 GiB bindings, 32 KiB of workgroup memory), and `shader-f16`. wgpu does not reach a browser's subgroups.
    pub fn chrome_desktop() -> Target {
        Target {
            name: Name::from("chrome-desktop"),
            f16: true,
            storage_buffers_max: 10,
            binding_bytes_max: (2 << 30) - 4,
            buffer_bytes_max: 2 << 30,
            workgroup_bytes_max: 32 << 10,
            ..Target::webgpu_default()
        }
    }

    /// A browser whose GPU has subgroups of 32, for hosts that hand them to WGSL by `enable subgroups;` (Chrome since 134); WebGPU's
    /// own limits otherwise. wgpu's browser back end does not ask for them.
    pub fn webgpu_subgroups() -> Target {
        Target {
            name: Name::from("webgpu-subgroups"),
            subgroup_size: Some(32),
            ..Target::webgpu_default()
        }
    }

    /// An Apple GPU since the M1 through Metal: 31 buffers a stage of which wgpu keeps some, 32 KiB of threadgroup memory, 1024
    /// threads, SIMD groups of 32 ("Metal Feature Set Tables", family Apple7).
    pub fn metal_apple() -> Target {
        Target {
            name: Name::from("metal-apple"),
            class: DeviceClass::Apple,
            subgroup_size: Some(32),
            enable_subgroups: false,
            f16: true,
            storage_buffers_max: 16,
            binding_bytes_max: 2 << 30,
            buffer_bytes_max: 4 << 30,
            workgroup_bytes_max: 32 << 10,
            invocations_max: 1024,
            workgroup_size_max: [1024, 1024, 1024],
            ..Target::webgpu_default()
        }
    }

    /// A GPU of feature level 12.0 through Direct3D 12: 32 KiB of group-shared memory, 1024 threads of which at most 64 along z,
    /// bindings of 2 GiB ("Direct3D 12 Hardware Feature Levels", `D3D11_CS_*` constants). Waves differ between vendors, from 16 to
    /// 64, so that subgroups are left alone.
    pub fn dx12_desktop() -> Target {
        Target {
            name: Name::from("dx12-desktop"),
            class: DeviceClass::Discrete,
            enable_subgroups: false,
            f16: true,
            binding_bytes_max: 2 << 30,
            buffer_bytes_max: 2 << 30,
            workgroup_bytes_max: 32 << 10,
            invocations_max: 1024,
            workgroup_size_max: [1024, 1024, 64],
            ..Target::webgpu_default()
        }
    }

    /// Qualcomm's Adreno 6xx and later through Vulkan: 32 KiB of shared memory, 1024 invocations (512 on the smaller ones), bindings
    /// of 128 MiB (vulkan.gpuinfo.org). The size of its subgroups, 64 or 128, is the driver's choice for each kernel.
    pub fn mobile_adreno() -> Target {
        Target {
            name: Name::from("mobile-adreno"),
            class: DeviceClass::Integrated,
            enable_subgroups: false,
            f16: true,
            workgroup_bytes_max: 32 << 10,
            invocations_max: 512,
            workgroup_size_max: [512, 512, 64],
            ..Target::webgpu_default()
        }
    }

    /// Arm's Mali since Valhall through Vulkan: warps of 16, 32 KiB of shared memory that lies in main memory, 512 invocations
    /// (vulkan.gpuinfo.org; "Arm Mali GPU Datasheet"), bindings of 128 MiB.
    pub fn mobile_mali() -> Target {
        Target {
            name: Name::from("mobile-mali"),
            subgroup_size: Some(16),
            ..Target::mobile_adreno()
        }
    }

    /// The targets that ship with the crate, for compiling without the hardware. Figures for hardware are those that common
    /// devices of the kind share, so that a plan for the target runs on them.
    pub fn all() -> impl Iterator<Item = Target> {
        [
            Target::webgpu_default(),
            Target::webgpu_subgroups(),
            Target::chrome_desktop(),
            Target::vulkan_desktop(),
            Target::metal_apple(),
            Target::dx12_desktop(),
            Target::mobile_adreno(),
            Target::mobile_mali(),
            Target::software(),
            Target::cpu(),
        ]
        .into_iter()
    }

    /// The target of a name, of [`Target::all`].
    pub fn named(name: &str) -> Option<Target> {
        Target::all().find(|target| target.name.as_ref() == name)
    }

    /// Invocations that take columns side by side: the lanes of a subgroup, or so many of a workgroup where there are no subgroups.
    pub fn lanes(&self) -> i64 {
        i64::from(self.subgroup_size.unwrap_or(32))
    }

    /// Whether plans for this target carry loops for the CPU executor instead of WGSL.
    pub fn is_cpu(&self) -> bool {
        self.class == DeviceClass::Cpu
    }
}
