//! Which adapters there are, and which of them a choice means.

use std::fmt;
use std::sync::OnceLock;

use ferrodyne_plan::target::DeviceClass;

use super::target::class;
use crate::RuntimeError;

/// An adapter, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterSummary {
    /// Name that the driver gives.
    pub name: String,
    /// Driver and its version; empty where it is not told.
    pub driver: String,
    /// Interface below: `vulkan`, `metal`, `dx12`, `webgpu`.
    pub interface: String,
    /// Kind of device.
    pub class: DeviceClass,
}

impl fmt::Display for AdapterSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {}", self.name, self.class, self.interface)?;
        if !self.driver.is_empty() {
            write!(f, ", {}", self.driver)?;
        }
        f.write_str(")")
    }
}

impl AdapterSummary {
    /// Whether it runs on the CPU.
    pub fn is_software(&self) -> bool {
        self.class == DeviceClass::Software
    }

    pub(super) fn of(info: &wgpu::AdapterInfo) -> AdapterSummary {
        let driver = format!("{} {}", info.driver, info.driver_info).trim().to_owned();
        let interface = info.backend.to_str().to_owned();
        AdapterSummary { name: info.name.clone(), driver, interface, class: class(info) }
    }
}

/// Which adapter to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The fastest that is real hardware.
    Best,
    /// One that runs on the CPU.
    Software,
    /// One by a part of its name, without regard to case; `gpu` is any, real ones before software ones.
    Named(String),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Choice::Best => f.write_str("that is hardware"),
            Choice::Software => f.write_str("that is software"),
            Choice::Named(text) => write!(f, "named `{text}`"),
        }
    }
}

/// Position of the adapter that a choice means; the adapters stand best first.
fn pick(choice: &Choice, adapters: &[AdapterSummary]) -> Option<usize> {
    match choice {
        Choice::Best => adapters.iter().position(|a| !a.is_software()),
        Choice::Software => adapters.iter().position(AdapterSummary::is_software),
        Choice::Named(text) if text.eq_ignore_ascii_case("gpu") => {
            (!adapters.is_empty()).then_some(0)
        }
        Choice::Named(text) => {
            let text = text.to_lowercase();
            adapters.iter().position(|a| a.name.to_lowercase().contains(&text))
        }
    }
}

fn rank(class: DeviceClass) -> u8 {
    match class {
        DeviceClass::Discrete | DeviceClass::Apple => 0,
        DeviceClass::Integrated | DeviceClass::Browser => 1,
        DeviceClass::Software | DeviceClass::Cpu => 2,
    }
}

/// The process's door to wgpu; opening it takes tens of milliseconds.
fn instance() -> &'static wgpu::Instance {
    static INSTANCE: OnceLock<wgpu::Instance> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        wgpu::Instance::new(wgpu::InstanceDescriptor {
            flags: wgpu::InstanceFlags::empty(),
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        })
    })
}

/// All adapters, best first.
async fn all() -> Vec<(AdapterSummary, wgpu::Adapter)> {
    let mut found = instance().enumerate_adapters(wgpu::Backends::all()).await;
    if found.is_empty() {
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        found.extend(instance().request_adapter(&options).await.ok());
    }
    let mut adapters: Vec<_> =
        found.into_iter().map(|a| (AdapterSummary::of(&a.get_info()), a)).collect();
    adapters.sort_by_key(|(summary, _)| rank(summary.class));
    adapters
}

/// All adapters, best first.
pub async fn adapters_async() -> Vec<AdapterSummary> {
    all().await.into_iter().map(|(summary, _)| summary).collect()
}

/// All adapters, best first.
#[cfg(not(target_arch = "wasm32"))]
pub fn adapters() -> Vec<AdapterSummary> {
    crate::blocking::wait(adapters_async())
}

/// The adapter that a choice means.
pub(super) async fn choose(choice: &Choice) -> Result<wgpu::Adapter, RuntimeError> {
    let (summaries, mut adapters): (Vec<_>, Vec<_>) = all().await.into_iter().unzip();
    match pick(choice, &summaries) {
        Some(at) => Ok(adapters.swap_remove(at)),
        None => {
            let names: Vec<_> = summaries.iter().map(|s| format!("`{}`", s.name)).collect();
            let choices = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            Err(RuntimeError::NoAdapter { wanted: choice.to_string(), choices })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(name: &str, class: DeviceClass) -> AdapterSummary {
        let (driver, interface) = (String::new(), "vulkan".to_owned());
        AdapterSummary { name: name.to_owned(), driver, interface, class }
    }

    fn named(text: &str) -> Choice {
        Choice::Named(text.to_owned())
    }

    #[test]
    fn a_choice_means_the_first_that_fits() {
        let adapters = [
            adapter("GeForce 9", DeviceClass::Discrete),
            adapter("Radeon iGPU", DeviceClass::Integrated),
            adapter("llvmpipe (LLVM 15)", DeviceClass::Software),
        ];
        assert_eq!(pick(&Choice::Best, &adapters), Some(0));
        assert_eq!(pick(&Choice::Software, &adapters), Some(2));
        assert_eq!(pick(&named("GPU"), &adapters), Some(0));
        assert_eq!(pick(&named("radeon"), &adapters), Some(1));
        assert_eq!(pick(&named("LLVMPIPE"), &adapters), Some(2));
        assert_eq!(pick(&named("arc"), &adapters), None);
    }

    #[test]
    fn software_is_a_gpu_only_when_nothing_else_is() {
        let adapters = [adapter("llvmpipe", DeviceClass::Software)];
        assert_eq!(pick(&Choice::Best, &adapters), None);
        assert_eq!(pick(&named("gpu"), &adapters), Some(0));
        assert_eq!(pick(&named("gpu"), &[]), None);
    }
}
