//! Micro-kernels: a few rows times one panel, accumulated in registers over a chunk of `k`.
//!
//! The function with the `k` loop begins and ends in loops with constant bounds; an epilogue
//! inside it would make the compiler keep the accumulators in memory.

use crate::cpu::Level;

/// One run of a micro-kernel.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// `taps * 6` pointers to rows of the left operand: six rows for each tap.
    pub(super) rows: *const *const f32,
    /// Number of taps.
    pub(super) taps: usize,
    /// Contiguous floats of a tap.
    pub(super) run: usize,
    /// The panel: `taps * run` rows.
    pub(super) b: *const f32,
    /// Floats from one row of the panel to the next.
    pub(super) b_stride: usize,
    /// The tile.
    pub(super) c: *mut f32,
    /// Floats from one row of the tile to the next.
    pub(super) c_stride: usize,
    /// Whether the tile's content is added to.
    pub(super) accumulate: bool,
}

/// Rows that pointers are given for; a kernel of fewer rows reads the first ones only.
pub(super) const ROWS: usize = 6;

type Kernel = unsafe fn(Run);

/// The micro-kernels of a level.
#[derive(Clone, Copy)]
pub struct Micro {
    /// Columns of a panel.
    pub n: usize,
    /// Rows of a tile at most.
    pub m: usize,
    /// Columns of one vector: tiles are whole vectors wide.
    pub vector: usize,
    by_rows: fn(rows: usize, vectors: usize) -> Kernel,
}

impl Micro {
    /// The micro-kernels of a level.
    pub fn of(level: Level) -> Micro {
        match level {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Micro { n: 64, m: 6, vector: 16, by_rows: avx512::kernel },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Micro { n: 16, m: 6, vector: 8, by_rows: avx2::kernel },
            _ if crate::cpu::lanes::BASE_FMA => {
                Micro { n: 16, m: 6, vector: 16, by_rows: plain::kernel_6x16 }
            }
            _ => Micro { n: 8, m: 4, vector: 8, by_rows: plain::kernel_4x8 },
        }
    }

    /// Runs `rows` rows (at most [`Micro::m`]) and `vectors` vectors of columns.
    ///
    /// # Safety
    /// The level is one of this processor; the pointers of the run reach over the sizes that it
    /// names, `vectors` whole vectors of every panel row and tile row included; nobody else
    /// touches the tile.
    #[inline(always)]
    pub(super) unsafe fn run(&self, rows: usize, vectors: usize, run: Run) {
        // SAFETY: the caller promises what the kernels ask for.
        unsafe { (self.by_rows)(rows, vectors)(run) }
    }
}

/// Picks an instance of a kernel generic over rows and vectors.
#[cfg(target_arch = "x86_64")]
macro_rules! instance {
    ($kernel:ident, $rows:expr, $vectors:expr, [$($v:literal),*]) => {
        match ($rows, $vectors) {
            $((1, $v) => $kernel::<1, $v>, (2, $v) => $kernel::<2, $v>, (3, $v) => $kernel::<3, $v>,
              (4, $v) => $kernel::<4, $v>, (5, $v) => $kernel::<5, $v>, (6, $v) => $kernel::<6, $v>,)*
            (rows, vectors) => unreachable!("a tile has {rows} rows and {vectors} vectors"),
        }
    };
}

#[cfg(target_arch = "x86_64")]
macro_rules! x86_kernel {
    ($name:ident, $feature:literal, $zero:ident, $load:ident, $store:ident, $splat:ident,
     $fma:ident, $lanes:literal, $vectors:tt) => {
        mod $name {
            use super::{Kernel, ROWS, Run};
            use std::arch::x86_64::*;

            pub(super) fn kernel(rows: usize, vectors: usize) -> Kernel {
                instance!(tile, rows, vectors, $vectors)
            }

            #[target_feature(enable = $feature)]
            unsafe fn tile<const M: usize, const V: usize>(r: Run) {
                let mut acc = [[$zero(); V]; M];
                // SAFETY: the pointers reach over the sizes that the run names.
                unsafe {
                    if r.accumulate {
                        for i in 0..M {
                            for v in 0..V {
                                acc[i][v] = $load(r.c.add(i * r.c_stride + v * $lanes));
                            }
                        }
                    }
                    let mut b = r.b;
                    for tap in 0..r.taps {
                        let mut rows = [std::ptr::null(); M];
                        for i in 0..M {
                            rows[i] = *r.rows.add(tap * ROWS + i);
                        }
                        for k in 0..r.run {
                            let mut columns = [$zero(); V];
                            for v in 0..V {
                                columns[v] = $load(b.add(v * $lanes));
                            }
                            for i in 0..M {
                                let a = $splat(*rows[i].add(k));
                                for v in 0..V {
                                    acc[i][v] = $fma(a, columns[v], acc[i][v]);
                                }
                            }
                            b = b.add(r.b_stride);
                        }
                    }
                    for i in 0..M {
                        for v in 0..V {
                            $store(r.c.add(i * r.c_stride + v * $lanes), acc[i][v]);
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
x86_kernel!(
    avx512,
    "avx512f",
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps,
    16,
    [1, 2, 3, 4]
);
#[cfg(target_arch = "x86_64")]
x86_kernel!(
    avx2,
    "avx2,fma",
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps,
    8,
    [1, 2]
);

/// Kernels in plain Rust, left to the compiler's vectoriser.
#[expect(clippy::needless_range_loop)] // Constant bounds keep the accumulators in registers.
mod plain {
    use super::{Kernel, ROWS, Run};
    use crate::cpu::lanes::BASE_FMA;
    use crate::cpu::maths::fma;

    pub(super) fn kernel_4x8(rows: usize, _: usize) -> Kernel {
        [tile::<1, 8>, tile::<2, 8>, tile::<3, 8>, tile::<4, 8>][rows - 1]
    }

    pub(super) fn kernel_6x16(rows: usize, _: usize) -> Kernel {
        [tile::<1, 16>, tile::<2, 16>, tile::<3, 16>, tile::<4, 16>, tile::<5, 16>, tile::<6, 16>]
            [rows - 1]
    }

    unsafe fn tile<const M: usize, const N: usize>(r: Run) {
        let mut acc = [[0f32; N]; M];
        // SAFETY: the pointers reach over the sizes that the run names.
        unsafe {
            if r.accumulate {
                for i in 0..M {
                    acc[i] = *(r.c.add(i * r.c_stride) as *const [f32; N]);
                }
            }
            let mut b = r.b;
            for tap in 0..r.taps {
                let mut rows = [std::ptr::null(); M];
                for i in 0..M {
                    rows[i] = *r.rows.add(tap * ROWS + i);
                }
                for k in 0..r.run {
                    let columns = *(b as *const [f32; N]);
                    for i in 0..M {
                        let a: f32 = *rows[i].add(k);
                        for j in 0..N {
                            acc[i][j] = fma::<BASE_FMA>(a, columns[j], acc[i][j]);
                        }
                    }
                    b = b.add(r.b_stride);
                }
            }
            for i in 0..M {
                *(r.c.add(i * r.c_stride) as *mut [f32; N]) = acc[i];
            }
        }
    }
}
