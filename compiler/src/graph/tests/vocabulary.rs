//! The vocabulary: as few operators as show everything that a node can hold.

use ferrodyne_plan::Diagnostic;

use crate::graph::{AttrKind, AttrSpec, OpRules, ParseCx, TensorType, TypeCx};

const CONSTANT: &[AttrSpec] = &[AttrSpec::required("value", AttrKind::Tensor)];
const NOTES: &[AttrSpec] = &[
    AttrSpec::optional("bool", AttrKind::Bool),
    AttrSpec::optional("dims", AttrKind::Dims),
    AttrSpec::optional("dtype", AttrKind::DType),
    AttrSpec::optional("float", AttrKind::Float),
    AttrSpec::optional("int", AttrKind::Int),
    AttrSpec::optional("ints", AttrKind::Ints),
    AttrSpec::optional("str", AttrKind::Str),
];

/// `neg x`, with notes that change nothing; `add x y` of one type; `constant`; `call`, with the results of its graph.
pub(super) struct Few;

impl OpRules for Few {
    fn attrs(&self, op: &str) -> Option<&'static [AttrSpec]> {
        match op {
            "neg" => Some(NOTES),
            "constant" => Some(CONSTANT),
            "add" | "call" => Some(&[]),
            _ => None,
        }
    }

    fn types(&self, op: &str, cx: &mut TypeCx<'_>) -> Result<Vec<TensorType>, Diagnostic> {
        let arity = match op {
            "constant" | "call" => 0,
            "add" => 2,
            _ => 1,
        };
        if cx.inputs.len() < arity || (op == "call" && cx.calls.is_empty()) {
            return Err(cx.fault("arity", format_args!("`{op}` lacks operands")));
        }
        match op {
            "constant" => {
                let value = cx.attrs.get_tensor("value");
                Ok(vec![TensorType::new(value.dtype, value.dims.iter().copied())])
            }
            "call" => {
                let callee = cx.calls[0];
                Ok(callee.outputs.iter().map(|o| callee.ty(o.node).clone()).collect())
            }
            "add" => {
                let (x, y) = (cx.inputs[0], cx.inputs[1]);
                let fits = x.dtype == y.dtype
                    && x.rank() == y.rank()
                    && x.dims.iter().zip(&y.dims).all(|(a, b)| cx.equal(a, b));
                match fits {
                    true => Ok(vec![x.clone()]),
                    false => Err(cx.fault(
                        "shape",
                        format_args!("{} but {}: they must be equal", cx.operand(0), cx.operand(1)),
                    )),
                }
            }
            _ => Ok(vec![cx.inputs[0].clone()]),
        }
    }
}

/// Reads text that stands alone.
pub(super) fn cx() -> ParseCx<'static> {
    ParseCx::new(&Few)
}
