//! Questions about translations: how many tables are read, and which translation goes.

use mm::op::NameId;
use mm::step::{MmuStep, StepKind};
use mm::x86::tlb::{Entry, PageSize};
use mm::{CpuId, Vaddr};

use super::{At, number};
use crate::question::{Ask, Claim, Mistake, Question};

pub(super) fn question(at: &At) -> Option<Question> {
    match at.next {
        StepKind::Mmu { process, step: MmuStep::Look { address, level: 1, .. }, .. } => {
            references(at, process, address)
        }
        StepKind::Mmu {
            cpu,
            step: MmuStep::Filled { level, set, size, evicted: Some((gone, _)), .. },
            ..
        } => evicted(at, cpu, (level, set, size), gone),
        StepKind::Mmu { process, step: MmuStep::Forgot { ipi: false, .. }, .. } => cpus_forget(at, process),
        _ => None,
    }
}

/// How many CPUs have to forget something.
fn cpus_forget(at: &At, process: NameId) -> Option<Question> {
    let cpus = at.machine.mmus().iter().count() as u32;
    let forgets = |kind: &StepKind| matches!(kind, StepKind::Mmu { step: MmuStep::Forgot { .. }, .. });
    let right = at.coming.iter().take_while(|step| forgets(&step.kind)).count();
    if cpus < 2 || right == 0 {
        return None;
    }
    let wrong = [(1, Mistake::ForgetsAlone), (cpus, Mistake::EveryCpuForgets)];
    number(Ask::CpusForget { process, cpus }, right as u32, &wrong, Mistake::CountCpus, right)
}

/// How many entries of tables are read until the address is known.
fn references(at: &At, process: NameId, address: Vaddr) -> Option<Question> {
    let (_, steps) = at.find(|kind| match kind {
        StepKind::Mmu { step: MmuStep::Translated { .. } | MmuStep::Denied { .. }, .. } => Some(()),
        _ => None,
    })?;
    let is_read = |kind: &StepKind| matches!(kind, StepKind::Mmu { step: MmuStep::Read { .. }, .. });
    let right = at.coming[..steps].iter().filter(|step| is_read(&step.kind)).count() as u32;
    let levels = at.machine.processes().tables().paging().levels().len() as u32;
    let wrong = [(levels, Mistake::WalksAll), (0, Mistake::TlbKnowsAll), (1, Mistake::OneTable)];
    number(Ask::References { process, address, levels }, right, &wrong, Mistake::CountTables, steps)
}

/// Which translation goes from a set that is full.
fn evicted(at: &At, cpu: CpuId, (level, set, size): (u8, u16, PageSize), gone: Vaddr) -> Option<Question> {
    let there: Vec<Entry> = at.machine.mmus().cpu(cpu)?.tlb(level, size).set(set).collect();
    let first = |entry: &Entry| Vaddr(entry.key.page << entry.key.size.shift());
    let newest = first(there.first()?);
    let lowest = there.iter().map(first).min()?;
    let wrong = [(newest, Mistake::EvictsNewest), (lowest, Mistake::EvictsLowest)];
    let wrong = wrong.into_iter().map(|(page, mistake)| (Claim::Page(page), mistake)).collect();
    let ask = Ask::Evicted { level, set, ways: there.len() as u32 };
    at.choice(ask, Claim::Page(gone), wrong, 1).sorted()
}
