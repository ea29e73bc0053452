//! Panels of the right operand: `[panel][k][columns of a panel]`, the last one filled with zeros.

use super::Micro;
use crate::cpu::aligned::Aligned;

/// A right operand in panels, owned: weights are packed once.
#[derive(Clone, Debug)]
pub struct Packed {
    data: Aligned,
    k: usize,
    n: usize,
    panel: usize,
}

/// A right operand in panels.
#[derive(Clone, Copy, Debug)]
pub struct Panels<'a> {
    /// `ceil(n / panel) * k * panel` floats.
    pub data: &'a [f32],
    /// Rows.
    pub k: usize,
    /// Columns of a panel.
    pub panel: usize,
}

impl Packed {
    /// Packs a matrix of `k` rows and `n` columns, given by its strides in `b`.
    ///
    /// # Panics
    /// Where the strides lead out of `b`.
    pub fn new(micro: Micro, k: usize, n: usize, b: &[f32], strides: [usize; 2]) -> Packed {
        let mut packed = Packed::zeroed(micro, k, n);
        for panel in 0..n.div_ceil(micro.n) {
            let columns = panel * micro.n..n.min((panel + 1) * micro.n);
            let to = &mut packed.data.floats_mut()[panel * k * micro.n..][..k * micro.n];
            pack_panel(to, micro.n, k, &b[columns.start * strides[1]..], strides, columns.len());
        }
        packed
    }

    /// Panels of zeros, to be filled through [`Packed::panel_mut`].
    pub fn zeroed(micro: Micro, k: usize, n: usize) -> Packed {
        let floats = n.div_ceil(micro.n) * micro.n * k;
        Packed { data: Aligned::new(floats * 4), k, n, panel: micro.n }
    }

    /// One panel: `k` rows of [`Micro::n`] columns.
    pub fn panel_mut(&mut self, panel: usize) -> &mut [f32] {
        let size = self.k * self.panel;
        &mut self.data.floats_mut()[panel * size..][..size]
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.data.bytes().len()
    }

    /// The panels.
    pub fn panels(&self) -> Panels<'_> {
        let floats = self.n.div_ceil(self.panel) * self.panel * self.k;
        Panels { data: &self.data.floats()[..floats], k: self.k, panel: self.panel }
    }
}

/// Packs `columns` columns of a matrix into one panel of `width` columns, zeros beyond.
///
/// # Panics
/// Where the strides lead out of `b`, or the panel is smaller than `k * width`.
pub fn pack_panel(
    to: &mut [f32],
    width: usize,
    k: usize,
    b: &[f32],
    [k_stride, n_stride]: [usize; 2],
    columns: usize,
) {
    if n_stride == 1 {
        for (k, to) in to.chunks_exact_mut(width).take(k).enumerate() {
            to[..columns].copy_from_slice(&b[k * k_stride..][..columns]);
            to[columns..].fill(0.0);
        }
        return;
    }
    if columns < width {
        to[..k * width].fill(0.0);
    }
    // Blocks of 16 rows keep the lines of both sides in the first cache.
    for k0 in (0..k).step_by(16) {
        let rows = 16.min(k - k0);
        for j in 0..columns {
            let from = &b[j * n_stride + k0 * k_stride..];
            for i in 0..rows {
                to[(k0 + i) * width + j] = from[i * k_stride];
            }
        }
    }
}
