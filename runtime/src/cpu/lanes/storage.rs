//! Moving elements between tensors and lanes.
//!
//! A tensor's storage is bytes in the device layout; lanes are 32 bits. Half-width and byte
//! elements are widened on the way in and narrowed on the way out.

use half::{bf16, f16};

/// How one element of a tensor is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Storage {
    /// 32 bits, as they are in a lane.
    Word,
    /// IEEE half, f32 in a lane.
    F16,
    /// Brain float, f32 in a lane.
    Bf16,
    /// Signed byte, i32 in a lane.
    I8,
    /// Unsigned byte, u32 in a lane.
    U8,
    /// 64-bit integer, two words a lane; it has loops of its own.
    Long,
}

impl Storage {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Storage::Long => 8,
            Storage::Word => 4,
            Storage::F16 | Storage::Bf16 => 2,
            Storage::I8 | Storage::U8 => 1,
        }
    }
}

/// Fills lanes with elements `at, at + step, ..` of a tensor.
///
/// # Safety
/// `base` points to storage in which all those elements lie, aligned to their size, and which
/// nobody writes meanwhile.
pub unsafe fn load(d: &mut [u32], storage: Storage, base: *const u8, at: isize, step: isize) {
    macro_rules! each {
        ($t:ty, $x:ident => $bits:expr) => {{
            let base = base as *const $t;
            if step == 1 {
                // SAFETY: the caller promises that these elements exist.
                let from = unsafe { std::slice::from_raw_parts(base.offset(at), d.len()) };
                for (d, &$x) in d.iter_mut().zip(from) {
                    *d = $bits;
                }
            } else {
                for (i, d) in d.iter_mut().enumerate() {
                    // SAFETY: as above.
                    let $x = unsafe { *base.offset(at + i as isize * step) };
                    *d = $bits;
                }
            }
        }};
    }
    match storage {
        Storage::Word => each!(u32, x => x),
        Storage::F16 => each!(f16, x => x.to_f32().to_bits()),
        Storage::Bf16 => each!(bf16, x => x.to_f32().to_bits()),
        Storage::I8 => each!(i8, x => x as i32 as u32),
        Storage::U8 => each!(u8, x => x as u32),
        Storage::Long => unreachable!("pairs of words have loops of their own"),
    }
}

/// Writes lanes to elements `at, at + step, ..` of a tensor.
///
/// # Safety
/// As [`load`], and nobody else reads or writes those elements meanwhile.
pub unsafe fn store(s: &[u32], storage: Storage, base: *mut u8, at: isize, step: isize) {
    macro_rules! each {
        ($t:ty, $x:ident => $val:expr) => {{
            let base = base as *mut $t;
            if step == 1 {
                // SAFETY: the caller promises that these elements exist and are ours.
                let to = unsafe { std::slice::from_raw_parts_mut(base.offset(at), s.len()) };
                for (to, &$x) in to.iter_mut().zip(s) {
                    *to = $val;
                }
            } else {
                for (i, &$x) in s.iter().enumerate() {
                    // SAFETY: as above.
                    unsafe { *base.offset(at + i as isize * step) = $val };
                }
            }
        }};
    }
    match storage {
        Storage::Word => each!(u32, x => x),
        Storage::F16 => each!(f16, x => f16::from_f32(f32::from_bits(x))),
        Storage::Bf16 => each!(bf16, x => bf16::from_f32(f32::from_bits(x))),
        Storage::I8 => each!(i8, x => x as i8),
        Storage::U8 => each!(u8, x => x as u8),
        Storage::Long => unreachable!("pairs of words have loops of their own"),
    }
}

/// Puts in the place of each lane, as a signed number, the element that stands there.
///
/// # Safety
/// As [`load`].
pub unsafe fn gather(d: &mut [u32], storage: Storage, base: *const u8) {
    macro_rules! each {
        ($t:ty, $x:ident => $bits:expr) => {{
            let base = base as *const $t;
            for d in d {
                // SAFETY: the caller promises that these elements exist.
                let $x = unsafe { *base.offset(*d as i32 as isize) };
                *d = $bits;
            }
        }};
    }
    match storage {
        Storage::Word => each!(u32, x => x),
        Storage::F16 => each!(f16, x => x.to_f32().to_bits()),
        Storage::Bf16 => each!(bf16, x => x.to_f32().to_bits()),
        Storage::I8 => each!(i8, x => x as i32 as u32),
        Storage::U8 => each!(u8, x => x as u32),
        Storage::Long => unreachable!("pairs of words have loops of their own"),
    }
}

/// Fills lanes with one value.
pub fn splat(d: &mut [u32], bits: u32) {
    d.fill(bits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_back_as_they_were_stored() {
        let cases: &[(Storage, [u32; 4])] = &[
            (Storage::Word, [1, 2, u32::MAX, 7]),
            (Storage::F16, [1.5f32, -2.0, 0.0, 1024.0].map(f32::to_bits)),
            (Storage::Bf16, [1.5f32, -2.0, 0.0, 1024.0].map(f32::to_bits)),
            (Storage::I8, [1, -3i32 as u32, 127, -128i32 as u32]),
            (Storage::U8, [0, 1, 200, 255]),
        ];
        for (storage, values) in cases {
            for step in [1, 3] {
                let mut bytes = [0u32; 16];
                let mut back = [0; 4];
                let base = bytes.as_mut_ptr() as *mut u8;
                let mut gathered = [0, 1, 2, 3].map(|i| 2 + i * step as u32);
                // SAFETY: places 2, 2 + step, .. lie within the sixteen words.
                unsafe {
                    store(values, *storage, base, 2, step);
                    load(&mut back, *storage, base, 2, step);
                    gather(&mut gathered, *storage, base);
                }
                assert_eq!(back, *values, "{storage:?}");
                assert_eq!(gathered, *values, "{storage:?}");
            }
        }
    }
}
