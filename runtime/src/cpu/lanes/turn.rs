//! Squares of a tensor turned over: neighbours in memory become rows of lanes.

use crate::cpu::Level;

/// Words of a line, and lines, of a square.
pub const SIDE: usize = 16;

/// Word `l` of row `r` becomes word `r` of line `l`, for [`SIDE`] lines of [`SIDE`] words: where rows
/// begin and their distance in words, where lines begin and their distance.
///
/// # Safety
/// The processor has the level that the function was looked up for; all lines and rows exist, and
/// nobody else uses the rows meanwhile.
pub type TurnFn = unsafe fn(*mut u32, usize, *const u32, isize);

/// The function for a level.
pub fn turn(level: Level) -> TurnFn {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512,
        _ => base,
    }
}

unsafe fn base(to: *mut u32, width: usize, from: *const u32, step: isize) {
    for l in 0..SIDE {
        // SAFETY: the caller's promise.
        unsafe {
            let line = *(from.offset(l as isize * step) as *const [u32; SIDE]);
            for (r, &word) in line.iter().enumerate() {
                *to.add(r * width + l) = word;
            }
        }
    }
}

/// Words go to their places by pairs, then quarters of vectors go to their rows.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512(to: *mut u32, width: usize, from: *const u32, step: isize) {
    use std::arch::x86_64::*;
    let mut a = [_mm512_setzero_si512(); SIDE];
    let mut b = a;
    for (l, a) in a.iter_mut().enumerate() {
        // SAFETY: the caller's promise.
        *a = unsafe { _mm512_loadu_si512(from.offset(l as isize * step) as *const __m512i) };
    }
    for i in (0..SIDE).step_by(2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for i in (0..SIDE).step_by(4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for i in [0, 1, 2, 3, 8, 9, 10, 11] {
        b[i] = _mm512_shuffle_i32x4::<0x88>(a[i], a[i + 4]);
        b[i + 4] = _mm512_shuffle_i32x4::<0xdd>(a[i], a[i + 4]);
    }
    for i in 0..SIDE / 2 {
        a[i] = _mm512_shuffle_i32x4::<0x88>(b[i], b[i + 8]);
        a[i + 8] = _mm512_shuffle_i32x4::<0xdd>(b[i], b[i + 8]);
    }
    for (r, &a) in a.iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { _mm512_storeu_si512(to.add(r * width) as *mut __m512i, a) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_square_are_its_columns() {
        let (step, width) = (21, 18);
        let from: Vec<u32> = (0..(SIDE * step) as u32).collect();
        for level in Level::available() {
            let mut to = vec![u32::MAX; SIDE * width];
            // SAFETY: both have so many lines and rows.
            unsafe { turn(level)(to.as_mut_ptr(), width, from.as_ptr(), step as isize) };
            for (r, row) in to.chunks(width).enumerate() {
                let line = |l: usize| if l < SIDE { (l * step + r) as u32 } else { u32::MAX };
                let want: Vec<u32> = (0..width).map(line).collect();
                assert_eq!(row, want, "{level}, row {r}");
            }
        }
    }
}
