//! Memory of the CPU executor: blocks that go back to where they came from.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};

use super::aligned::Aligned;
use crate::RuntimeError;

/// Free bytes that are kept for later blocks at most.
const KEPT: usize = 256 << 20;

/// Hands out blocks, and takes dropped ones back.
#[derive(Debug)]
pub struct Memory {
    free: Mutex<BTreeMap<usize, Vec<Aligned>>>,
    kept: AtomicUsize,
    used: AtomicUsize,
    created: AtomicUsize,
    /// Bytes that blocks may hold together; the largest number leaves it to the system.
    budget: AtomicUsize,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory {
            free: Mutex::default(),
            kept: AtomicUsize::new(0),
            used: AtomicUsize::new(0),
            created: AtomicUsize::new(0),
            budget: AtomicUsize::new(usize::MAX),
        }
    }
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
    /// When the system or the budget has not as much.
    pub fn block(self: &Arc<Memory>, bytes: usize) -> Result<Block, RuntimeError> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let len = bytes.max(1).next_multiple_of(16);
        let size = len.next_multiple_of(64);
        self.check_budget(size)?;
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

    /// Changes the bytes that blocks may hold together; `None` leaves it to the system.
    pub fn set_budget(&self, bytes: Option<u64>) {
        let bytes = bytes.map_or(usize::MAX, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        self.budget.store(bytes, Relaxed);
        self.give_up();
    }

    fn check_budget(&self, size: usize) -> Result<(), RuntimeError> {
        let budget = self.budget.load(Relaxed);
        let used = self.used.load(Relaxed);
        if used.saturating_add(size) > budget {
            return Err(self.out_of_memory(size));
        }
        if used + size + self.kept.load(Relaxed) > budget {
            self.give_up();
        }
        Ok(())
    }

    /// Free memory is given up before an allocation fails.
    fn make(&self, size: usize) -> Result<Aligned, RuntimeError> {
        if let Some(memory) = Aligned::try_new(size) {
            return Ok(memory);
        }
        self.give_up();
        Aligned::try_new(size).ok_or_else(|| self.out_of_memory(size))
    }

    /// Gives free memory back to the system.
    fn give_up(&self) {
        self.free.lock().unwrap_or_else(|e| e.into_inner()).clear();
        self.kept.store(0, Relaxed);
    }

    fn out_of_memory(&self, need: usize) -> RuntimeError {
        let budget = self.budget.load(Relaxed);
        RuntimeError::OutOfMemory {
            device: "cpu".to_owned(),
            need: need as u64,
            used: self.used.load(Relaxed) as u64,
            budget: crate::error::told((budget < usize::MAX).then_some(budget as u64)),
        }
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
    fn a_budget_is_an_error_that_leaves_the_memory_usable() {
        let memory = Arc::new(Memory::default());
        memory.set_budget(Some(1024));
        let held = memory.block(600).unwrap();
        let error = memory.block(600).unwrap_err();
        let text =
            "`cpu` is out of memory: 640 bytes more are needed, 640 are in use, the budget is 1024";
        assert_eq!(error.to_string(), text);
        drop(held);
        drop(memory.block(1000).expect("what was dropped makes room"));
        memory.set_budget(None);
        memory.block(4096).unwrap();
    }

    #[test]
    fn more_than_the_system_has_is_an_error() {
        let memory = Arc::new(Memory::default());
        let error = memory.block(usize::MAX / 4).unwrap_err();
        assert!(error.to_string().starts_with("`cpu` is out of memory"), "{error}");
    }
}
