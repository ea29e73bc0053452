//! Memory of the CPU executor: blocks that go back to where they came from.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};

use super::aligned::Aligned;
use crate::RuntimeError;

/// Free bytes that are kept for later blocks at most.
const KEPT: usize = 256 << 20;

/// Hands out blocks, and takes dropped ones back.
#[derive(Debug, Default)]
pub struct Memory {
    free: Mutex<BTreeMap<usize, Vec<Aligned>>>,
    kept: AtomicUsize,
    used: AtomicUsize,
    created: AtomicUsize,
}

/// Memory of the CPU executor.
#[derive(Debug)]
pub struct Block {
    id: u64,
    memory: Aligned,
    len: usize,
    home: Weak<Memory>,
}

impl Memory {
    /// A block of so many bytes, rounded up to 16; its content means nothing.
    ///
    /// # Errors
    /// When the system has not as much.
    pub fn block(self: &Arc<Memory>, bytes: usize) -> Result<Block, RuntimeError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let len = bytes.max(1).next_multiple_of(16);
        let size = len.next_multiple_of(64);
        let kept =
            self.free.lock().unwrap_or_else(|e| e.into_inner()).get_mut(&size).and_then(Vec::pop);
        let memory = match kept {
            Some(memory) => {
                self.kept.fetch_sub(size, Relaxed);
                memory
            }
            None => {
                self.created.fetch_add(1, Relaxed);
                self.make(size)?
            }
        };
        self.used.fetch_add(size, Relaxed);
        Ok(Block { id: NEXT.fetch_add(1, Relaxed), memory, len, home: Arc::downgrade(self) })
    }

    /// Free memory is given up before an allocation fails.
    fn make(&self, size: usize) -> Result<Aligned, RuntimeError> {
        if let Some(memory) = Aligned::try_new(size) {
            return Ok(memory);
        }
        self.free.lock().unwrap_or_else(|e| e.into_inner()).clear();
        self.kept.store(0, Relaxed);
        Aligned::try_new(size).ok_or_else(|| RuntimeError::OutOfMemory {
            device: "cpu".to_owned(),
            need: size as u64,
            used: self.used.load(Relaxed) as u64,
            budget: String::new(),
        })
    }

    /// Blocks that were allocated anew so far.
    pub fn created(&self) -> usize {
        self.created.load(Relaxed)
    }

    fn take_back(&self, memory: Aligned) {
        let size = memory.bytes().len();
        self.used.fetch_sub(size, Relaxed);
        if self.kept.load(Relaxed) + size <= KEPT {
            self.kept.fetch_add(size, Relaxed);
            let mut free = self.free.lock().unwrap_or_else(|e| e.into_inner());
            free.entry(size).or_default().push(memory);
        }
    }
}

impl Block {
    /// A number that no other block alive has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Bytes that may be used.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.memory.bytes()[..self.len]
    }

    /// The bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory.bytes_mut()[..self.len]
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(home) = self.home.upgrade() {
            home.take_back(std::mem::take(&mut self.memory));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_blocks_are_used_again() {
        let memory = Arc::new(Memory::default());
        let first = memory.block(100).unwrap();
        assert_eq!((first.len(), first.bytes().as_ptr() as usize % 64), (112, 0));
        let id = first.id();
        drop(first);
        let second = memory.block(112).unwrap();
        assert_ne!(second.id(), id);
        assert_eq!(memory.created(), 1);
    }

    #[test]
    fn more_than_the_system_has_is_an_error() {
        let memory = Arc::new(Memory::default());
        let error = memory.block(usize::MAX / 4).unwrap_err();
        assert!(error.to_string().starts_with("`cpu` is out of memory"), "{error}");
    }
}
