//! What CPUs translate addresses with, as a text says it.

use mm::x86::mmu::{MmuConfig, Ways};

/// Processors with a name, and what they have.
pub(crate) const MODELS: [(&str, MmuConfig); 2] =
    [("skylake", MmuConfig::SKYLAKE), ("nehalem", MmuConfig::NEHALEM)];

/// `tlb skylake l1=16/4`: the processor, and what is different.
pub(crate) fn tlb_line(config: &MmuConfig) -> String {
    let (name, base) = MODELS.iter().find(|(_, base)| base == config).unwrap_or(&MODELS[0]);
    let mut line = format!("tlb {name}");
    for (word, ways, usual) in
        [("l1", config.l1, base.l1), ("large", config.l1_large, base.l1_large), ("l2", config.l2, base.l2)]
    {
        if ways != usual {
            let Ways { entries, ways } = ways;
            line += &format!(" {word}={entries}/{ways}");
        }
    }
    if config.pcid != base.pcid {
        line += if config.pcid { " pcid=on" } else { " pcid=off" };
    }
    line
}
