//! The instruction set in use: detected once, or forced by `FERRODYNE_CPU`.
//!
//! A [`Level`] is only ever made for a processor that has it, so holding one is the proof that
//! functions compiled for that level may be called.

use std::fmt;
use std::sync::OnceLock;

/// An instruction set that functions of this crate are compiled for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Level {
    /// What every processor of the target has.
    Base,
    /// x86-64 with AVX2 and fused multiply-add.
    Avx2,
    /// x86-64 with AVX-512 F, BW, DQ and VL.
    Avx512,
    /// aarch64, whose baseline has 128-bit vectors and fused multiply-add.
    Neon,
    /// WebAssembly compiled with `simd128`.
    Simd128,
}

impl Level {
    /// The level that programs run at: the best one, or what `FERRODYNE_CPU` names
    /// (`base`, `avx2`, `avx512`) where the processor has it.
    pub fn current() -> Level {
        static CURRENT: OnceLock<Level> = OnceLock::new();
        *CURRENT.get_or_init(|| {
            let all = Level::available();
            let best = all[all.len() - 1];
            let Ok(wanted) = std::env::var("FERRODYNE_CPU") else { return best };
            let found = all.iter().copied().find(|level| level.to_string() == wanted);
            found.unwrap_or_else(|| {
                tracing::warn!(
                    "FERRODYNE_CPU={wanted}: not a level of this processor, using {best}"
                );
                best
            })
        })
    }

    /// Every level that this processor can run, the slowest first.
    pub fn available() -> Vec<Level> {
        let mut all = vec![Level::Base];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let avx2 = has!("avx2") && has!("fma") && has!("f16c");
            let avx512 =
                avx2 && has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
            all.extend(avx2.then_some(Level::Avx2));
            all.extend(avx512.then_some(Level::Avx512));
        }
        if cfg!(target_arch = "aarch64") {
            all.push(Level::Neon);
        }
        if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
            all.push(Level::Simd128);
        }
        all
    }

    /// Whether products and sums are rounded once.
    pub fn fuses(self) -> bool {
        matches!(self, Level::Avx2 | Level::Avx512 | Level::Neon)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Base => "base",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
            Level::Neon => "neon",
            Level::Simd128 => "simd128",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn base_is_always_there_and_the_current_level_is_available() {
        let all = Level::available();
        assert_eq!(all[0], Level::Base);
        assert!(all.contains(&Level::current()));
    }
}
