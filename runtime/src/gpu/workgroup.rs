//! Bytes of workgroup memory that a kernel takes: wgpu does not check them against the adapter.

/// Bytes of workgroup memory of a WGSL module, or `None` when it does not parse, which its creation will report.
///
/// In a browser WGSL is read and checked by the browser, so that 0 is returned.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn workgroup_bytes(text: &str) -> Option<u64> {
    use wgpu::naga;

    if !text.contains("workgroup>") {
        return Some(0);
    }
    let module = naga::front::wgsl::parse_str(text).ok()?;
    let context = module.to_ctx();
    let mut bytes = 0u64;
    for (_, variable) in module.global_variables.iter() {
        if variable.space == naga::AddressSpace::WorkGroup {
            let size = module.types[variable.ty].inner.try_size(context)?;
            bytes += u64::from(size).next_multiple_of(16);
        }
    }
    Some(bytes)
}

/// 0: the browser checks.
#[cfg(target_arch = "wasm32")]
pub(super) fn workgroup_bytes(_text: &str) -> Option<u64> {
    Some(0)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::workgroup_bytes;

    #[test]
    fn arrays_and_scalars_in_workgroup_memory_count() {
        let text = "var<workgroup> tile: array<f32, 256>;\nvar<workgroup> flag: u32;\n\
                    @compute @workgroup_size(1) fn f() { tile[0] = f32(flag); }";
        assert_eq!(workgroup_bytes(text), Some(1024 + 16));
        assert_eq!(workgroup_bytes("@compute @workgroup_size(1) fn f() {}"), Some(0));
        assert_eq!(workgroup_bytes("var<workgroup> ?"), None);
    }
}
