//! Known rows that are written element by element, as exporters do with shapes.

use super::{Known, MAX_ELEMENTS};

impl Known {
    /// A row with other elements at indices that may count from the end.
    pub(crate) fn replaced(&self, index: &Known, updates: &Known) -> Option<Known> {
        if self.dims.len() != 1 || index.elems.len() != updates.elems.len() {
            return None;
        }
        let mut elems = self.elems.clone();
        for (at, update) in index.elems.iter().zip(&updates.elems) {
            let at = at.integer()?;
            let at = if at < 0 { at + elems.len() as i64 } else { at };
            *elems.get_mut(usize::try_from(at).ok()?)? = update.clone();
        }
        Some(Known { dtype: self.dtype, dims: self.dims.clone(), elems })
    }

    /// Rows along a new last axis: the second of two values at the element, the first elsewhere.
    pub(crate) fn one_hot(&self, depth: usize, values: &Known) -> Option<Known> {
        let [off, on] = &values.elems[..] else { return None };
        let mut elems = Vec::new();
        for index in &self.elems {
            let index = index.integer()?;
            let at = if index < 0 { index + depth as i64 } else { index };
            elems.extend((0..depth as i64).map(|k| if k == at { on.clone() } else { off.clone() }));
        }
        let dims = [&self.dims[..], &[depth]].concat();
        (elems.len() <= MAX_ELEMENTS).then_some(Known { dtype: values.dtype, dims, elems })
    }
}
