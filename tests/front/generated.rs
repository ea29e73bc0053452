//! Written by `ferrodyne::code::rust` from the graph of a test; do not edit.

use ferrodyne::code::{constant, op};
use ferrodyne::prelude::*;

fn first(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    op("linear", &[x, weight, bias], &[]) // tests/front/listing.rs:18
}

fn norm(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Tensor {
    op("layer_norm", &[x, weight, bias], &[("eps", 1e-5.into()), ("rank", 1i64.into())]) // tests/front/listing.rs:18
}

fn m_0(
    x: &Tensor,
    first_weight: &Tensor,
    first_bias: &Tensor,
    norm_weight: &Tensor,
    norm_bias: &Tensor,
) -> Tensor {
    let v5 = first(x, first_weight, first_bias); // first
    let v6 = op("gelu", &[&v5], &[("approximate", "none".into())]); // tests/front/listing.rs:18
    let v7 = norm(&v6, norm_weight, norm_bias); // norm
    &v7 + x // tests/front/listing.rs:18
}

#[allow(clippy::too_many_arguments)]
fn blocks(
    x: &Tensor,
    m_0_first_weight: &Tensor,
    m_0_first_bias: &Tensor,
    m_0_norm_weight: &Tensor,
    m_0_norm_bias: &Tensor,
    m_1_first_weight: &Tensor,
    m_1_first_bias: &Tensor,
    m_1_norm_weight: &Tensor,
    m_1_norm_bias: &Tensor,
) -> Tensor {
    let v9 = m_0(x, m_0_first_weight, m_0_first_bias, m_0_norm_weight, m_0_norm_bias); // 0
    m_0(&v9, m_1_first_weight, m_1_first_bias, m_1_norm_weight, m_1_norm_bias) // 1
}

#[allow(clippy::too_many_arguments)]
pub fn network(
    x: &Tensor,
    blocks_0_first_weight: &Tensor,
    blocks_0_first_bias: &Tensor,
    blocks_0_norm_weight: &Tensor,
    blocks_0_norm_bias: &Tensor,
    blocks_1_first_weight: &Tensor,
    blocks_1_first_bias: &Tensor,
    blocks_1_norm_weight: &Tensor,
    blocks_1_norm_bias: &Tensor,
    v10: &Tensor,
) -> Tensor {
    let device = x.device();
    let batch = x.dim(0);
    let v9 = blocks(x, blocks_0_first_weight, blocks_0_first_bias, blocks_0_norm_weight, blocks_0_norm_bias, blocks_1_first_weight, blocks_1_first_bias, blocks_1_norm_weight, blocks_1_norm_bias); // blocks
    let v11 = op("slice", &[&v9], &[("ends", shape![&batch, 4].into()), ("starts", shape![0, 0].into()), ("steps", [1, 1].into())]); // tests/front/listing.rs:36
    let v12 = op("reshape", &[&v11], &[("dims", shape![&batch, 2, 2].into())]); // tests/front/listing.rs:36
    let v13 = op("sum", &[&v12], &[("axes", [2].into()), ("keepdim", false.into())]); // tests/front/listing.rs:36
    let v14 = op("softmax", &[&v13], &[("axis", 1i64.into())]); // tests/front/listing.rs:37
    let v15 = constant(DType::F32, &[], &[2.0], device); // tests/front/listing.rs:37
    let v16 = &v14 * &v15; // tests/front/listing.rs:37
    let v17 = op("slice", &[v10], &[("ends", shape![3, 6].into()), ("starts", shape![1, 0].into()), ("steps", [1, 1].into())]); // tests/front/listing.rs:37
    let v18 = v16.matmul(&v17); // tests/front/listing.rs:37
    let v19 = constant(DType::F32, &[], &[-3.0], device); // tests/front/listing.rs:37
    let v20 = v18.maximum(&v19); // tests/front/listing.rs:37
    let v21 = constant(DType::F32, &[], &[30.0], device); // tests/front/listing.rs:37
    v20.minimum(&v21) // tests/front/listing.rs:37
}
