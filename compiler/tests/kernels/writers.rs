//! Texts on their way to drivers: naga writes SPIR-V, Metal and Direct3D code of each.

use ferrodyne_compiler::wgsl::{WgslText, check};
use naga::back::{hlsl, msl, spv};

/// Fails unless all three writers take the text.
pub(super) fn write(text: &WgslText) {
    let (module, info) = check::validated(text).unwrap_or_else(|fault| panic!("{fault}"));
    let options = spv::Options { lang_version: (1, 3), ..spv::Options::default() };
    spv::write_vec(&module, &info, &options, None)
        .unwrap_or_else(|error| panic!("SPIR-V: {error}\n{}", text.kernel.text));
    let options = msl::Options {
        lang_version: (2, 4),
        fake_missing_bindings: true,
        ..msl::Options::default()
    };
    msl::write_string(&module, &info, &options, &msl::PipelineOptions::default())
        .unwrap_or_else(|error| panic!("Metal: {error}\n{}", text.kernel.text));
    let options = hlsl::Options {
        shader_model: hlsl::ShaderModel::V6_0,
        fake_missing_bindings: true,
        ..hlsl::Options::default()
    };
    let mut out = String::new();
    let pipeline = hlsl::PipelineOptions::default();
    hlsl::Writer::new(&mut out, &options, &pipeline)
        .write(&module, &info, None)
        .unwrap_or_else(|error| panic!("Direct3D: {error}\n{}", text.kernel.text));
}
