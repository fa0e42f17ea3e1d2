//! What the processor does with addresses (arch/x86/mm): page tables, and the cache of their entries.

pub mod mmu;
pub mod pgtable;
pub mod tlb;
