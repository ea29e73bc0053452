//! Matrix products and convolutions against plain loops, at every level.

use super::*;
use crate::cpu::contract::Packed;
use std::sync::Mutex;

fn numbers(n: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// The result of a contraction whose epilogue copies its tiles, and how often each was written.
fn collect(pool: &Pool, level: Level, c: &Contraction<'_>) -> Vec<f32> {
    let out = Mutex::new(vec![f32::NAN; c.batch * c.m * c.n]);
    let epilogue = |tile: Tile<'_>| {
        let mut out = out.lock().unwrap();
        for (i, row) in tile.rows.clone().enumerate() {
            for (j, column) in tile.columns.clone().enumerate() {
                let to = &mut out[(tile.batch * c.m + row) * c.n + column];
                assert!(to.is_nan(), "a tile came twice");
                *to = tile.data[i * tile.stride + j];
            }
        }
    };
    contract(pool, level, &Contraction { epilogue: &epilogue, ..*c });
    out.into_inner().unwrap()
}

fn assert_close(got: &[f32], want: &[f64], k: usize, what: &str) {
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let bound = 1e-6 * (k as f64).sqrt() * 4.0 + 1e-6;
        assert!((*got as f64 - want).abs() < bound, "{what}, element {i}: {got}, not {want}");
    }
}

const NOTHING: &(dyn Fn(Tile<'_>) + Sync) = &|_| {};

#[test]
fn matrices_of_every_size_agree_with_the_definition_at_every_level() {
    let sizes = [
        (1, 1, 1),
        (1, 70, 300),
        (5, 64, 256),
        (6, 63, 257),
        (7, 129, 40),
        (13, 17, 600),
        (97, 65, 33),
        (200, 31, 9),
        (200, 144, 40),
        (500, 512, 12),
        (4, 272, 5),
        (40, 700, 20),
        (130, 600, 300),
        (3, 8, 0),
    ];
    let pool = Pool::new(2);
    for level in Level::available() {
        for (m, n, k) in sizes {
            for transposed in [false, true] {
                let batch = 2;
                let (a, b) = (numbers(batch * m * k, 1), numbers(k * n, 2));
                let strides = if transposed { [1, k] } else { [n, 1] };
                let packed = Packed::new(Micro::of(level), k, n, &b, strides);
                let c = Contraction {
                    batch,
                    m,
                    n,
                    taps: 1,
                    run: k,
                    left: Left::Strided { data: &a, stride: k, offsets: &[0, m * k] },
                    right: Right::Panels(packed.panels(), &[0, 0]),
                    epilogue: NOTHING,
                };
                let got = collect(&pool, level, &c);
                let at = |i: usize, j: usize| {
                    let term = |p| a[i * k + p] as f64 * b[p * strides[0] + j * strides[1]] as f64;
                    (0..k).map(term).sum::<f64>()
                };
                let want: Vec<f64> = (0..batch * m * n).map(|e| at(e / n, e % n)).collect();
                assert_close(&got, &want, k, &format!("{m} x {n} x {k} at {level}"));
                assert_eq!(got, collect(&Pool::new(1), level, &c), "one thread and two differ");
            }
        }
    }
}

#[test]
fn computed_operands_give_the_same_bits_as_stored_ones() {
    let pool = Pool::new(2);
    let (m, n, k) = (150, 130, 300);
    let (a, b) = (numbers(m * k, 3), numbers(k * n, 4));
    for level in Level::available() {
        let micro = Micro::of(level);
        let packed = Packed::new(micro, k, n, &b, [n, 1]);
        let stored = Left::Strided { data: &a, stride: k, offsets: &[0] };
        let panels = Right::Panels(packed.panels(), &[0]);
        let left = |_: usize, rows: Range<usize>, to: &mut [f32]| {
            to.copy_from_slice(&a[rows.start * k..rows.end * k]);
        };
        let right = |_: usize, ks: Range<usize>, columns: Range<usize>, to: &mut [f32]| {
            for (p, to) in ks.zip(to.chunks_exact_mut(micro.n)) {
                to.fill(0.0);
                to[..columns.len()].copy_from_slice(&b[p * n..][columns.clone()]);
            }
        };
        let c = |left, right| Contraction {
            batch: 1,
            m,
            n,
            taps: 1,
            run: k,
            left,
            right,
            epilogue: NOTHING,
        };
        let want = collect(&pool, level, &c(stored, panels));
        assert_eq!(want, collect(&pool, level, &c(Left::Computed(&left), panels)));
        assert_eq!(want, collect(&pool, level, &c(stored, Right::Computed(&right))));
        let wide = 144;
        let rows = b.chunks(n).flat_map(|row| {
            let beyond = std::iter::repeat_n(&f32::NAN, wide - n);
            row.iter().chain(beyond)
        });
        let rows: Vec<f32> = rows.copied().collect();
        let in_place = Right::InPlace { data: &rows, stride: wide, offsets: &[0] };
        assert_eq!(want, collect(&pool, level, &c(stored, in_place)));
    }
}

#[test]
fn convolution_reads_its_window_through_the_table() {
    let pool = Pool::new(2);
    let cases = [(9, 7, 5, 10, 1), (8, 8, 300, 6, 2), (14, 14, 16, 70, 1)];
    for level in Level::available() {
        for (h, w, c_in, c_out, stride) in cases {
            let (x, f) = (numbers(h * w * c_in, 5), numbers(9 * c_in * c_out, 6));
            let (oh, ow) = (h.div_ceil(stride), w.div_ceil(stride));
            let place = |o: usize, tap: usize, size: usize| {
                (o * stride + tap).checked_sub(1).filter(|&i| i < size)
            };
            let mut table = Vec::new();
            for pixel in 0..oh * ow {
                for tap in 0..9 {
                    let y = place(pixel / ow, tap / 3, h);
                    let x = place(pixel % ow, tap % 3, w);
                    let at = y.zip(x).map(|(y, x)| ((y * w + x) * c_in) as u32);
                    table.push(at.unwrap_or(Table::ZERO));
                }
            }
            let entries = table.clone();
            let table = Table::new(table);
            let packed = Packed::new(Micro::of(level), 9 * c_in, c_out, &f, [c_out, 1]);
            let conv = Contraction {
                batch: 1,
                m: oh * ow,
                n: c_out,
                taps: 9,
                run: c_in,
                left: Left::Indirect { data: &x, table: &table, offsets: &[0] },
                right: Right::Panels(packed.panels(), &[0]),
                epilogue: NOTHING,
            };
            let want: Vec<f64> = (0..oh * ow * c_out)
                .map(|e| {
                    let (pixel, j) = (e / c_out, e % c_out);
                    let term = |p: usize| {
                        let at = entries[pixel * 9 + p / c_in];
                        let left = if at == Table::ZERO { 0.0 } else { x[at as usize + p % c_in] };
                        left as f64 * f[p * c_out + j] as f64
                    };
                    (0..9 * c_in).map(term).sum()
                })
                .collect();
            let got = collect(&pool, level, &conv);
            assert_close(&got, &want, 9 * c_in, &format!("{h} x {w} x {c_in} at {level}"));
        }
    }
}
