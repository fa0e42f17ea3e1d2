//! Questions about the lists of the CPUs.

use mm::mmzone::PerCpuPages;
use mm::page::Block;
use mm::{Op, Pfn, StepKind};

use super::{At, number, rules};
use crate::question::{Ask, Claim, CpuList, End, Freed, Mistake, Note, Question};

/// How many blocks a refill brings.
pub(super) fn refill(at: &At) -> Option<Question> {
    let StepKind::PcpEmpty { zone, cpu, order, blocks, .. } = at.next else { return None };
    let (got, steps) = at.find(|kind| match kind {
        StepKind::PcpRefilled { blocks, .. } => Some(*blocks),
        _ => None,
    })?;
    let pcp = at.machine.zone(zone).pcp(cpu);
    let wrong = [
        (blocks, Mistake::RunsOut),
        (1, Mistake::OneAtATime),
        (pcp.batch, Mistake::BatchOfBlocks { order }),
        (rules::fill_up(pcp, order), Mistake::FillsUp),
    ];
    let otherwise =
        if got < blocks { Mistake::RunsOut } else { Mistake::BatchRule { batch: pcp.batch, order } };
    number(Ask::Refill { cpu, order, batch: pcp.batch }, got, &wrong, otherwise, steps)
}

/// At which end of a CPU's list a refill puts its blocks.
pub(super) fn append(at: &At) -> Option<Question> {
    let StepKind::PcpAppend { cpu, block, .. } = at.next else { return None };
    let wrong = vec![
        (Claim::End(End::Head), Mistake::AppendsAtHead),
        (Claim::End(End::Sorted), Mistake::SortedByAddress),
    ];
    at.choice(Ask::PcpAppend { cpu, block }, Claim::End(End::Tail), wrong, 1).about(&[block]).sorted()
}

/// Which block of a CPU's list goes out.
pub(super) fn head(at: &At) -> Option<Question> {
    let StepKind::PcpTake { zone, cpu, block, migratetype, .. } = at.next else { return None };
    let order = block.order;
    let index = PerCpuPages::index_of(order, migratetype);
    let list: Vec<Pfn> = at.machine.pcp_list(zone, cpu, index).collect();
    let claim = |pfn| Claim::Block(Block { pfn, order }, Note::None);
    let wrong = [(rules::oldest(&list), Mistake::Fifo), (rules::lowest(&list), Mistake::LowestAddress)];
    let wrong = wrong.into_iter().filter_map(|(pfn, mistake)| Some((claim(pfn?), mistake))).collect();
    let ask = Ask::PcpHead { list: CpuList { zone, cpu, order, migratetype }, blocks: list.len() as u32 };
    at.choice(ask, claim(block.pfn), wrong, 1).on_the_picture()
}

/// Which block of a CPU's list goes back.
pub(super) fn tail(at: &At) -> Option<Question> {
    let StepKind::PcpDrain { zone, cpu, block, migratetype } = at.next else { return None };
    let order = block.order;
    let index = PerCpuPages::index_of(order, migratetype);
    let list: Vec<Pfn> = at.machine.pcp_list(zone, cpu, index).collect();
    if !list.contains(&block.pfn) {
        return None;
    }
    let claim = |pfn| Claim::Block(Block { pfn, order }, Note::None);
    let wrong = [(rules::newest(&list), Mistake::Lifo), (rules::lowest(&list), Mistake::LowestAddress)];
    let wrong = wrong.into_iter().filter_map(|(pfn, mistake)| Some((claim(pfn?), mistake))).collect();
    let ask = Ask::PcpTail { list: CpuList { zone, cpu, order, migratetype }, blocks: list.len() as u32 };
    at.choice(ask, claim(block.pfn), wrong, 1).on_the_picture()
}

/// Where a freed block goes when its CPU has lists.
pub(super) fn put(at: &At) -> Option<Question> {
    let ((cpu, block), steps) = at.find(|kind| match *kind {
        StepKind::PcpPut { cpu, block, .. } => Some((cpu, block)),
        _ => None,
    })?;
    let wrong = vec![
        (Claim::Freed(Freed::CpuTail), Mistake::PutsAtCpuTail),
        (Claim::Freed(Freed::FreeLists), Mistake::PastCpu),
    ];
    let ask = Ask::PcpPut { cpu, block };
    at.choice(ask, Claim::Freed(Freed::CpuHead), wrong, steps).about(&[block]).sorted()
}

/// How many pages a CPU gives back.
pub(super) fn drain(at: &At) -> Option<Question> {
    let StepKind::PcpDrainBegins { zone, cpu, count, pages, .. } = at.next else { return None };
    if let Some(Op::Drain) = at.moment.scenario.ops.get(at.moment.cursor.op as usize).map(|op| &op.op) {
        return None;
    }
    let pcp = at.machine.zone(zone).pcp(cpu);
    let all = matches!(at.moment.trail.last().map(|step| step.kind), Some(StepKind::PcpPut { high: 0, .. }));
    let unless = |mistake: Mistake| if all { Mistake::AllOfIt } else { mistake };
    let wrong = [
        (1, unless(Mistake::OnlyTheFreed)),
        (pcp.batch, unless(Mistake::AlwaysBatch)),
        (count, Mistake::Everything),
        (rules::down_to_limit(pcp), unless(Mistake::DownToLimit)),
    ];
    let ask = Ask::Drain { zone, cpu, count, high: pcp.high, batch: pcp.batch };
    number(ask, pages, &wrong, unless(Mistake::DrainRule { pages }), 1)
}
