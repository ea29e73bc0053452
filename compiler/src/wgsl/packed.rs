//! Elements that share a 32-bit word: `f16` and `bf16` two by two, `i8` and `u8` four by four.

use ferrodyne_plan::{DType, Dim, Scalar};

use super::emit::{Id, Kind, Ty};
use super::expand::{Env, Expand};
use super::fault::WgslFault;

impl Expand<'_> {
    /// Words as a vector of elements.
    pub(super) fn unpacked(&mut self, dtype: DType, words: &[Id], width: u8) -> Id {
        let scalar = dtype.scalar();
        if matches!(dtype, DType::I8 | DType::U8) {
            let name = if dtype == DType::I8 { "unpack4xI8" } else { "unpack4xU8" };
            return self.call(name, &[words[0]], Ty::of(scalar, width));
        }
        let name = if dtype == DType::F16 { "unpack2x16float" } else { "fd_unpack_bf16" };
        if dtype == DType::BF16 {
            self.library.insert(name.to_owned());
        }
        let pair = Ty::of(Scalar::F32, 2);
        let parts: Vec<Id> = words.iter().map(|word| self.call(name, &[*word], pair)).collect();
        let ty = Ty::of(Scalar::F32, width);
        if parts.len() == 1 { parts[0] } else { self.call(&ty.text(), &parts, ty) }
    }

    /// One element of a word.
    pub(super) fn unpacked_one(
        &mut self,
        dtype: DType,
        word: Id,
        part: &Dim,
        env: &Env,
    ) -> Result<Id, WgslFault> {
        let part = part.clone();
        if matches!(dtype, DType::F16 | DType::BF16) {
            let pair = self.unpacked(dtype, &[word], 2);
            return Ok(match part.as_const() {
                Some(at) => self.component(pair, at as u8),
                None => {
                    let at = self.index(&part, env)?;
                    let (low, high) = (self.component(pair, 0), self.component(pair, 1));
                    let zero = self.literal_u32(0);
                    let first = self.emit.node(Kind::Infix("=="), &[at, zero], Ty::BOOL);
                    self.select(first, low, high)
                }
            });
        }
        let ty = Ty::of(dtype.scalar(), 1);
        let shift = self.index(&(part * 8), env)?;
        let bits = self.literal_u32(8);
        let word = if dtype == DType::I8 { self.call("bitcast<i32>", &[word], ty) } else { word };
        Ok(self.call("extractBits", &[word, shift, bits], ty))
    }

    /// A vector of elements as words.
    pub(super) fn packed(&mut self, dtype: DType, value: Id) -> Vec<Id> {
        let ty = self.emit.ty(value);
        if matches!(dtype, DType::I8 | DType::U8) {
            let name = if dtype == DType::I8 { "pack4xI8" } else { "pack4xU8" };
            return vec![self.call(name, &[value], Ty::U32)];
        }
        let name = if dtype == DType::F16 { "fd_pack_f16" } else { "fd_pack_bf16" };
        self.library.insert(name.to_owned());
        let mut words = Vec::new();
        for word in 0..ty.width / 2 {
            let parts = [self.component(value, 2 * word), self.component(value, 2 * word + 1)];
            words.push(self.call(name, &parts, Ty::U32));
        }
        words
    }
}
