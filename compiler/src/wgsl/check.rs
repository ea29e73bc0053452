//! Whether a text is valid: naga parses and validates it, and rules of our own find what other readers of WGSL refuse.
//!
//! This is the only module that knows naga.

use ferrodyne_plan::Name;

use super::{WgslFault, WgslText};

/// Parses and validates the text.
pub fn check(text: &WgslText) -> Result<(), WgslFault> {
    validated(text).map(|_| ())
}

/// The parsed module with what the validator found.
pub fn validated(text: &WgslText) -> Result<(naga::Module, naga::valid::ModuleInfo), WgslFault> {
    let source = &text.kernel.text;
    let refused = |message: String| WgslFault::Refused {
        kernel: Name::from(&text.kernel.entry),
        message,
        text: source.clone(),
    };
    if let Some(line) =
        source.lines().find(|line| !line.trim_start().starts_with("//") && refused_elsewhere(line))
    {
        return Err(refused(format!("a constant out of range in `{}`", line.trim())));
    }
    // Browsers require the line that naga does not know.
    let native = source.replace("enable subgroups;\n", "");
    let module = naga::front::wgsl::parse_str(&native)
        .map_err(|error| refused(error.emit_to_string(&native)))?;
    let mut validator = naga::valid::Validator::new(
        naga::valid::ValidationFlags::all(),
        naga::valid::Capabilities::all(),
    );
    validator.subgroup_stages(naga::valid::ShaderStages::COMPUTE);
    validator.subgroup_operations(naga::valid::SubgroupOperationSet::all());
    let info =
        validator.validate(&module).map_err(|error| refused(error.emit_to_string(&native)))?;
    Ok((module, info))
}

/// Constants that are infinite or NaN, which naga's own arithmetic may accept.
fn refused_elsewhere(line: &str) -> bool {
    ["inff", "-inff", "NaNf", "nanf"].iter().any(|word| line.contains(word))
}
