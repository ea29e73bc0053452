//! What a device tells of itself.

use ferrodyne_plan::target::DeviceClass;
use ferrodyne_runtime::Backend;
use ferrodyne_runtime::gpu::{GpuDevice, adapters};

use super::device;

#[test]
fn the_software_adapter_is_described_with_its_cap_on_iterations() {
    let Some(gpu) = device() else { return };
    let target = gpu.target();
    assert_eq!(target.class, DeviceClass::Software);
    assert_eq!(target.iterations_max, Some(60_000));
    assert_eq!(target.name.as_ref(), gpu.name());
    assert!(!target.enable_subgroups && target.immediate_bytes == 0);
    assert!(target.storage_buffers_max >= 8 && target.binding_bytes_max >= 128 << 20);
    assert!(gpu.summary().is_software());
}

#[test]
fn every_adapter_listed_opens_by_its_name() {
    let Some(gpu) = device() else { return };
    let listed = adapters();
    assert!(listed.iter().any(|adapter| adapter.name == gpu.name()), "{listed:?}");
    for adapter in listed {
        let opened = GpuDevice::named(&adapter.name.to_uppercase()).unwrap();
        assert_eq!(opened.name(), adapter.name);
    }
}
