//! What a file declares about its inputs: which values are inputs at all, and their sizes.

use std::collections::BTreeSet;

use ferrodyne_plan::{DType, Dim, Range};

use crate::proto::{DimensionProto, GraphProto, ValueInfoProto};
use crate::tensor::Element;

/// Values of a declared size. Caches of length 0 are passed to decoders, so 0 is among them.
pub(crate) const RANGE: Range = Range::at_least(0);

/// The inputs that are no initialisers.
pub(crate) fn arguments(graph: &GraphProto) -> impl Iterator<Item = &ValueInfoProto> {
    let constants: BTreeSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    graph.input.iter().filter(move |info| !constants.contains(info.name.as_str()))
}

/// The results; a name that is listed twice is one result.
pub(crate) fn results(graph: &GraphProto) -> impl Iterator<Item = &ValueInfoProto> {
    let mut listed = BTreeSet::new();
    graph.output.iter().filter(move |info| listed.insert(info.name.as_str()))
}

fn shape(info: &ValueInfoProto) -> Option<&[DimensionProto]> {
    let ty = info.r#type.as_ref()?.tensor_type.as_ref()?;
    ty.shape.as_ref().map(|shape| shape.dim.as_slice())
}

/// Whether both the element type and the rank of a value are declared.
pub(crate) fn has_type(info: &ValueInfoProto) -> bool {
    shape(info).is_some()
}

/// Whether a value is declared as 64-bit floats.
pub(crate) fn is_double(info: &ValueInfoProto) -> bool {
    let tensor = info.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref());
    tensor.is_some_and(|tensor| tensor.elem_type == Some(Element::DOUBLE))
}

/// The element type that a value is declared to have, where it has another one.
pub(crate) fn contradicted(info: &ValueInfoProto, dtype: DType) -> Option<DType> {
    let tensor = info.r#type.as_ref().and_then(|ty| ty.tensor_type.as_ref())?;
    Element::dtype_of(tensor.elem_type?).ok().filter(|declared| *declared != dtype)
}

/// The names that stand alone as a size of an argument: these get values from a call.
pub(crate) fn symbols(graph: &GraphProto) -> BTreeSet<String> {
    arguments(graph)
        .filter_map(shape)
        .flatten()
        .filter(|dim| dim.dim_value.is_none() && is_name(&dim.dim_param))
        .map(|dim| dim.dim_param.trim().to_owned())
        .collect()
}

fn is_name(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '-'))
        && Dim::parse_syms(text).map_or(true, |dim| dim.as_var().is_some())
}

/// Element type and shape of an argument. An unnamed size gets a name of its own after input and axis.
pub(crate) fn argument(
    info: &ValueInfoProto,
    symbols: &BTreeSet<String>,
) -> Result<(i32, Vec<Dim>), String> {
    let ty = info.r#type.as_ref().ok_or("it has no type")?;
    let tensor = ty.tensor_type.as_ref().ok_or("it is no tensor; only tensors are supported")?;
    let dims = shape(info).ok_or("its rank is not declared; declare its shape")?;
    let dims = dims.iter().enumerate().map(|(axis, dim)| size(&info.name, axis, dim, symbols));
    Ok((tensor.elem_type.unwrap_or(0), dims.collect::<Result<_, _>>()?))
}

fn size(
    input: &str,
    axis: usize,
    dim: &DimensionProto,
    symbols: &BTreeSet<String>,
) -> Result<Dim, String> {
    let text = dim.dim_param.trim();
    match dim.dim_value {
        Some(value) if value >= 0 => Ok(Dim::constant(value)),
        Some(-1) => Ok(unnamed(input, axis)),
        Some(value) => Err(format!("axis {axis} has a size of {value}")),
        None if text.is_empty() || text == "?" => Ok(unnamed(input, axis)),
        None => Ok(expression(text, symbols).unwrap_or_else(|| Dim::sym(text))),
    }
}

fn unnamed(input: &str, axis: usize) -> Dim {
    Dim::sym(format!("{input}_{axis}"))
}

/// `past + sequence` over names that stand alone elsewhere; anything else is a name in itself.
fn expression(text: &str, symbols: &BTreeSet<String>) -> Option<Dim> {
    if symbols.contains(text) {
        return Some(Dim::sym(text));
    }
    let spelt = text.replace("//", " div ").replace('%', " mod ");
    let dim = Dim::parse_syms(&spelt).ok()?;
    dim.vars().iter().all(|var| symbols.contains(var.name().as_str())).then_some(dim)
}

/// The sizes of a value as the file declares them, for display.
pub(crate) fn declared(info: &ValueInfoProto) -> Vec<String> {
    let text = |(axis, dim): (usize, &DimensionProto)| match dim.dim_value {
        Some(value) if value >= 0 => value.to_string(),
        _ if dim.dim_param.is_empty() => format!("{}_{axis}", info.name),
        _ => dim.dim_param.clone(),
    };
    shape(info).unwrap_or_default().iter().enumerate().map(text).collect()
}
