//! The CPU executor.

/// Memory of the CPU executor.
#[derive(Debug)]
pub struct Block {
    id: u64,
    bytes: Vec<u8>,
}

impl Block {
    /// A number that no other block alive has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes that may be used.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
