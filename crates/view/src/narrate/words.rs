//! What the sentences of both languages are made from: names, and what is known about the moment.

use std::borrow::Cow;

use mm::config::Config;
use mm::mmzone::{Mark, ZoneId, ZoneKind};
use mm::op::{NameId, Workload};
use mm::page::{Block, MigrateType};
use mm::step::WatermarkVerdict;
use mm::vmstat::contig_page_info;
use mm::{AllocFlags, Bytes, CpuId, Machine, NrPages, Op, Order, Pfn, Step, StepKind, zone_watermark_ok};
use scenario::Scenario;

use crate::Moment;

/// A number as a person writes it: from 10,000 on in groups of three.
pub(crate) fn num(number: impl Into<u64>) -> String {
    let plain = number.into().to_string();
    if plain.len() < 5 {
        return plain;
    }
    let mut grouped = String::with_capacity(plain.len() + plain.len() / 3);
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// 2 to the power of `order` with raised digits.
pub(crate) fn power_of_two(order: u8) -> String {
    let raised = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = order.to_string();
    let digits = digits.bytes().filter_map(|digit| raised.get(usize::from(digit.wrapping_sub(b'0'))));
    std::iter::once(&'2').chain(digits).collect()
}

/// The name of a type as the kernel's source has it, without `MIGRATE_`.
pub(crate) fn type_name(migratetype: MigrateType) -> &'static str {
    match migratetype {
        MigrateType::Unmovable => "UNMOVABLE",
        MigrateType::Movable => "MOVABLE",
        MigrateType::Reclaimable => "RECLAIMABLE",
        MigrateType::HighAtomic => "HIGHATOMIC",
        MigrateType::Cma => "CMA",
        MigrateType::Isolate => "ISOLATE",
    }
}

/// Why a request finds nothing although it may be that much is free.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shortage {
    /// No page is free.
    Empty,
    /// Fewer pages are free than were asked for.
    TooLittle,
    /// Enough is free, in pieces that are too small; how much of the memory is free, if that is known.
    Scattered {
        /// In percent.
        percent: Option<u32>,
    },
    /// There are large enough blocks, of types that the request must not take.
    OffLimits,
    /// There is enough, but no zone stands so high above its mark that the request may take it.
    BelowMarks,
}

/// How the last search went before a zone is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Arrival {
    /// It is the first zone.
    First,
    /// The zone above had nothing.
    FromAbove(ZoneId),
    /// The zone above stood too low.
    TooLow(ZoneId),
    /// No zone of the node had anything: another node's are next.
    FromNode(u8),
    /// No zone had anything: the second pass begins.
    SecondPass,
    /// The slow path walks the zones again, from the first one on.
    Again,
    /// Nobody remembers.
    Unknown,
}

/// What a telling may use: the names, and what is known about the moment. Copied with fewer words left when a
/// sentence gets too long.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    names: &'a [String],
    areas: &'a [String],
    pools: &'a [String],
    config: &'a Config,
    machine: Option<&'a Machine>,
    op: Option<(u32, &'a Op)>,
    /// The frame that a real kernel handed out for the op.
    real: Option<Pfn>,
    before: Option<StepKind>,
    terseness: u8,
}

impl<'a> Words<'a> {
    /// No moment is known.
    pub(crate) fn of_scenario(scenario: &'a Scenario) -> Words<'a> {
        Words {
            names: &scenario.names,
            areas: &scenario.areas,
            pools: &scenario.pools,
            config: &scenario.config,
            machine: None,
            op: None,
            real: None,
            before: None,
            terseness: 0,
        }
    }

    /// For the step that was just done.
    pub(crate) fn of_done(moment: &'a Moment) -> Words<'a> {
        let before = moment.trail.len().checked_sub(2).and_then(|at| moment.trail.get(at));
        let op =
            if moment.cursor.step > 0 { Some(moment.cursor.op) } else { moment.cursor.op.checked_sub(1) };
        Words::at(moment, op, before)
    }

    /// For the step that comes next.
    pub(crate) fn of_next(moment: &'a Moment) -> Words<'a> {
        Words::at(moment, Some(moment.cursor.op), moment.trail.last())
    }

    fn at(moment: &'a Moment, op: Option<u32>, before: Option<&Step>) -> Words<'a> {
        let before = before.map(|step| step.kind);
        match op {
            Some(op) => Words { before, ..Words::of_step(&moment.scenario, &moment.machine, op) },
            None => Words { machine: Some(&moment.machine), before, ..Words::of_scenario(&moment.scenario) },
        }
    }

    /// For a step of an op; what came before it is not known.
    pub(crate) fn of_step(scenario: &'a Scenario, machine: &'a Machine, op: u32) -> Words<'a> {
        let scenario_op = scenario.ops.get(op as usize);
        Words {
            machine: Some(machine),
            op: scenario_op.map(|of| (op, &of.op)),
            real: scenario_op.and_then(|op| op.real),
            ..Words::of_scenario(scenario)
        }
    }

    /// The frame that a real kernel handed out for the op.
    pub(crate) fn real(&self) -> Option<Pfn> {
        self.real
    }

    /// The same at another op, after another step.
    #[cfg(test)]
    pub(crate) fn remembering(&self, op: Option<(u32, &'a Op)>, before: Option<StepKind>) -> Words<'a> {
        Words { op, before, ..*self }
    }

    /// The same with fewer words; none when these are the fewest.
    pub(crate) fn terser(&self) -> Option<Words<'a>> {
        (self.terseness < 3).then_some(Words { terseness: self.terseness + 1, ..*self })
    }

    pub(crate) fn config(&self) -> &'a Config {
        self.config
    }

    /// The machine, where the moment is known.
    pub(crate) fn machine(&self) -> Option<&'a Machine> {
        self.machine
    }

    /// The op that the step belongs to, and its number from 0.
    pub(crate) fn op(&self) -> Option<(u32, &'a Op)> {
        self.op
    }

    /// The step before the one that is told.
    pub(crate) fn before(&self) -> Option<StepKind> {
        self.before
    }

    /// Nothing has to be left out.
    pub(crate) fn is_full(&self) -> bool {
        self.terseness == 0
    }

    /// Blocks are named by their first frame alone.
    pub(crate) fn first_frame_only(&self) -> bool {
        self.terseness >= 2
    }

    /// The label of a contiguous area.
    pub(crate) fn area(&self, number: u8) -> Option<&'a str> {
        self.areas.get(usize::from(number)).map(String::as_str)
    }

    /// The label of a pool of devices.
    pub(crate) fn pool(&self, number: u8) -> Option<&'a str> {
        self.pools.get(usize::from(number)).map(String::as_str)
    }

    /// What the scenario calls it, in full.
    pub(crate) fn full_name(&self, name: NameId) -> &'a str {
        // Names are the same in both languages.
        let of_kernel = match name {
            NameId::PAGE_TABLE => "pte",
            name => name.kernel_name().unwrap_or("kernel"),
        };
        self.names.get(name.0 as usize).map_or(of_kernel, String::as_str)
    }

    /// What the scenario calls it; a very long name loses its middle when room is short.
    pub(crate) fn name(&self, name: NameId) -> Cow<'a, str> {
        let full = self.full_name(name);
        let chars = full.chars().count();
        if self.terseness < 3 || chars <= 12 {
            return Cow::Borrowed(full);
        }
        let start = full.chars().take(6);
        Cow::Owned(start.chain(std::iter::once('…')).chain(full.chars().skip(chars - 5)).collect())
    }

    /// Whether the machine has more than one zone, so that a list is not named without its zone.
    pub(crate) fn many_zones(&self) -> bool {
        self.config.zones.len() > 1
    }

    /// The name of a zone when a list needs it and there is room.
    pub(crate) fn zone_of_list(&self, zone: ZoneId) -> Option<String> {
        (self.many_zones() && self.is_full()).then(|| self.zone(zone))
    }

    /// The name of a zone, with its node when there are several.
    pub(crate) fn zone(&self, zone: ZoneId) -> String {
        let Some(spec) = self.config.zones.get(zone.index()) else { return "?".into() };
        let many_nodes = self.config.zones.iter().any(|other| other.node != spec.node);
        if many_nodes { format!("{}/{}", spec.kind.name(), spec.node) } else { spec.kind.name().into() }
    }

    /// The names of all zones.
    pub(crate) fn zones(&self) -> Vec<String> {
        (0..self.config.zones.len() as u8).map(|id| self.zone(ZoneId(id))).collect()
    }

    /// `512–1023`, or `25` for a single frame.
    pub(crate) fn span(&self, block: Block) -> String {
        if block.order == Order::ZERO || self.first_frame_only() {
            num(block.pfn.0)
        } else {
            format!("{}–{}", num(block.pfn.0), num(block.last().0))
        }
    }

    /// How the search came to a zone.
    pub(crate) fn arrival(&self, zone: ZoneId) -> Arrival {
        match self.before {
            Some(StepKind::Request { .. }) => Arrival::First,
            Some(StepKind::ZoneFailed { zone: last, .. } | StepKind::Watermark { zone: last, .. })
                if self.node(last) != self.node(zone) =>
            {
                Arrival::FromNode(self.node(last))
            }
            Some(StepKind::ZoneFailed { zone: last, .. }) => Arrival::FromAbove(last),
            Some(StepKind::Watermark { zone: last, .. }) => Arrival::TooLow(last),
            Some(StepKind::AllowFragment { .. }) => Arrival::SecondPass,
            Some(
                StepKind::SlowPath { .. }
                | StepKind::WakeKswapd { .. }
                | StepKind::Missing { .. }
                | StepKind::UnreserveHighatomic { .. },
            ) => Arrival::Again,
            _ => Arrival::Unknown,
        }
    }

    /// Whether a search begins with the list that is told: its blocks have the very size that is wanted.
    pub(crate) fn begins_search(&self) -> bool {
        matches!(
            self.before,
            Some(
                StepKind::TryZone { .. }
                    | StepKind::Watermark { .. }
                    | StepKind::PcpEmpty { .. }
                    | StepKind::PcpAppend { .. }
                    | StepKind::PcpRefilled { .. }
                    | StepKind::MoveBlock { .. }
                    | StepKind::MoveFreePages { .. }
            )
        )
    }

    /// The node of a zone.
    pub(crate) fn node(&self, zone: ZoneId) -> u8 {
        self.config.zones.get(zone.index()).map_or(0, |spec| spec.node)
    }

    /// How many nodes and CPUs there are.
    pub(crate) fn many_cpus(&self) -> bool {
        self.config.cpus.len() > 1
    }

    /// Whether blocks of this order go through the per-CPU lists.
    pub(crate) fn goes_to_pcp(&self, order: Order) -> bool {
        self.config.pcp && (order.get() <= 3 || order == self.config.pageblock_order)
    }

    /// The CPU of the op that is told.
    pub(crate) fn cpu(&self) -> Option<CpuId> {
        self.op?.1.cpu()
    }

    /// The block was taken off a per-CPU list before it is handed out.
    pub(crate) fn was_on_pcp(&self) -> bool {
        matches!(self.before, Some(StepKind::PcpTake { .. }))
    }

    /// How many pages the next drain in a row gives back: the batch, doubled so often.
    pub(crate) fn next_drain(&self, zone: ZoneId, cpu: CpuId) -> Option<u32> {
        let pcp = self.machine?.zone(zone).pcp(cpu);
        (pcp.high >= pcp.batch)
            .then(|| (pcp.batch << pcp.free_factor).max(pcp.batch).min(pcp.high - pcp.batch))
    }

    /// How large a pageblock is.
    pub(crate) fn pageblock_size(&self) -> Bytes {
        NrPages(u64::from(self.config.pageblock_order.pages())).bytes()
    }

    /// Whether a block was cut down before it is handed out; none when nobody remembers.
    pub(crate) fn was_cut(&self) -> Option<bool> {
        match self.before {
            Some(StepKind::Split { .. }) => Some(true),
            Some(StepKind::TakeHead { .. } | StepKind::PcpTake { .. }) => Some(false),
            _ => None,
        }
    }

    /// Who has the block that a frame lies in.
    pub(crate) fn owner(&self, pfn: Pfn) -> Option<NameId> {
        let machine = self.machine?;
        machine.page(machine.block_of(pfn)?.pfn).owner()
    }

    /// How many pageblocks a block touches.
    pub(crate) fn pageblocks(&self, block: Block) -> u32 {
        (block.order.pages() >> self.config.pageblock_order.get()).max(1)
    }

    /// Whether a block is too small for its whole pageblock to be claimed for `to` (`can_steal_fallback()`).
    pub(crate) fn too_small_to_claim(&self, block: Block, to: MigrateType) -> bool {
        to == MigrateType::Movable && block.order.get() < self.config.pageblock_order.get() / 2
    }

    /// Why a request that failed found nothing.
    pub(crate) fn shortage(&self, order: u8, free: u32) -> Shortage {
        let highest = match (self.op, self.machine) {
            (Some((_, Op::Alloc { gfp, .. })), Some(machine)) => machine.highest_zone(gfp.flags),
            (Some((_, Op::Workload(Workload { zone: Some(zone), .. }))), _) => *zone,
            _ => ZoneKind::Movable,
        };
        let Some(order) = Order::new(order) else { return Shortage::TooLittle };
        if free == 0 {
            return Shortage::Empty;
        }
        if free < order.pages() {
            return Shortage::TooLittle;
        }
        let Some(machine) = self.machine else { return Shortage::Scattered { percent: None } };
        // What a cpuset does not have is no help.
        let mems = machine.processes().cpuset_of_current().map(|cpuset| cpuset.mems);
        let allowed = || {
            let is_inside = move |node: u8| mems.is_none_or(|mems| mems.has(node));
            machine.zones().iter().filter(move |zone| zone.kind <= highest && is_inside(zone.node))
        };
        let fits = |zone: &&mm::mmzone::Zone| contig_page_info(&zone.nr_free(), order).suitable_blocks > 0;
        if allowed().any(|zone| fits(&zone)) {
            // The lowest mark is what counts in the end.
            let is_low = |zone: &mm::mmzone::Zone| {
                let (mark, free) = (zone.wmark_pages(Mark::Min), zone.nr_free_pages.0);
                let test = zone_watermark_ok(zone, order, mark, highest, AllocFlags::WMARK_MIN, free);
                test.verdict == WatermarkVerdict::TooFew
            };
            let low = self.config.watermarks && allowed().filter(fits).all(is_low);
            return if low { Shortage::BelowMarks } else { Shortage::OffLimits };
        }
        let managed: u64 = allowed().map(|zone| zone.managed.0).sum();
        let percent = (u64::from(free) * 100).checked_div(managed).map(|percent| percent as u32);
        Shortage::Scattered { percent }
    }
}
