//! The dump of ordered free lists: what a small kernel module prints under the zone's lock.
//!
//! ```text
//! Z node=0 zone=DMA start=1 spanned=fff present=f9e managed=f00 …   a zone; frames and counts in hex
//! PB 01111111                                                       the type of each pageblock; - is a hole
//! F 10 1: 400 800 c00                                               order and type of a free list, head first
//! P cpu=0 count=0 high=42 batch=1 …                                 numbers of a CPU's lists, decimal
//! L 0 1: 8ebb 8ebc                                                  CPU and index of a per-CPU list, head first
//! END len=954 max=2097152                                           bytes before this line, and of the buffer
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::str::FromStr;

use mm::config::{Arch, Start, StartFigures, StartPcp};
use mm::limits::{MAX_FRAMES_IMPORTED, MIN_FRAMES};
use mm::mmzone::{Mark, PerCpuPages, ZoneId, ZoneKind};
use mm::page::{Block, MigrateType, PageState};
use mm::units::{CpuId, NrPages, Order, Pfn, PfnRange};
use mm::{Config, Machine};

use crate::error::{Bound, Format, Missing, ReadError, ReadErrorKind};
use crate::layout;
use crate::replay::Replay;
use crate::words::{Place, Word, end_of, first_place, lines, words, words_from};

/// The highest node: a machine has at most 255 zones, and a node up to five.
pub(crate) const MAX_NODE: u8 = 31;

/// The dump says one digit per 2 MiB, whatever the kernel's pageblocks are.
const PAGEBLOCK_PAGES: u32 = 512;

/// The same as an order.
fn pageblock_order() -> Order {
    Order::new(9).unwrap_or(Order::MAX)
}

/// What the line of a zone counts, in pages (`struct zone`, 6.1); none where the line does not say it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ZoneNumbers {
    /// `NR_FREE_PAGES`: near [`ZoneDump::free_pages`], for each CPU adds its part to the counter when it has become
    /// large (`vm_stat_diff`).
    pub free: Option<NrPages>,
    /// The min watermark, boost included (`min_wmark_pages()`).
    pub min: Option<NrPages>,
    /// The low watermark, boost included.
    pub low: Option<NrPages>,
    /// The high watermark, boost included.
    pub high: Option<NrPages>,
    /// The watermark of promotion, boost included.
    pub promo: Option<NrPages>,
    /// `watermark_boost`.
    pub boost: Option<NrPages>,
    /// `nr_reserved_highatomic`.
    pub nr_reserved_highatomic: Option<NrPages>,
}

impl ZoneNumbers {
    /// The keys in the order of the line.
    const KEYS: [&str; 7] = ["free", "min", "low", "high", "promo", "boost", "nr_reserved_highatomic"];

    fn each_mut(&mut self) -> [(&'static str, &mut Option<NrPages>); 7] {
        let ZoneNumbers { free, min, low, high, promo, boost, nr_reserved_highatomic } = self;
        let [k0, k1, k2, k3, k4, k5, k6] = Self::KEYS;
        [(k0, free), (k1, min), (k2, low), (k3, high), (k4, promo), (k5, boost), (k6, nr_reserved_highatomic)]
    }
}

/// What a zone keeps of one CPU (`struct per_cpu_pages`, 6.1); none where the line does not say it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PcpNumbers {
    /// Which CPU.
    pub cpu: u16,
    /// Pages on its lists.
    pub count: Option<u32>,
    /// More pages than this are given back.
    pub high: Option<u32>,
    /// Pages that move to or from the free lists at a time.
    pub batch: Option<u32>,
    /// How often the batch is doubled for the next pages that are given back (`free_factor`).
    pub free_factor: Option<u32>,
    /// Rounds of the counters' worker until the lists of another node are emptied (`expire`).
    pub expire: Option<u32>,
}

impl PcpNumbers {
    /// The keys behind `cpu`, in the order of the line.
    const KEYS: [&str; 5] = ["count", "high", "batch", "free_factor", "expire"];

    fn each_mut(&mut self) -> [(&'static str, &mut Option<u32>); 5] {
        let PcpNumbers { cpu: _, count, high, batch, free_factor, expire } = self;
        let [k0, k1, k2, k3, k4] = Self::KEYS;
        [(k0, count), (k1, high), (k2, batch), (k3, free_factor), (k4, expire)]
    }
}

/// One list of `struct per_cpu_pages`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PcpListDump {
    /// Whose.
    pub cpu: u16,
    /// 0 to 11: 3 × order + migratetype for the orders 0 to 3; 12 and 13: order 9, others and movable
    /// (`order_to_pindex()`, mm/page_alloc.c, 6.1).
    pub index: u8,
    /// The first frame of each block, head first.
    pub pfns: Vec<Pfn>,
}

impl PcpListDump {
    /// The order of its blocks.
    #[must_use]
    pub fn order(&self) -> Order {
        pcp_order(self.index).unwrap_or(Order::ZERO)
    }
}

/// The order of the blocks on a per-CPU list.
fn pcp_order(index: u8) -> Option<Order> {
    match index {
        0..=11 => Order::new(index / 3),
        12 | 13 => Some(pageblock_order()),
        _ => None,
    }
}

/// One zone of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneDump {
    /// The NUMA node.
    pub node: u8,
    /// Which kind.
    pub kind: ZoneKind,
    /// From its first frame to behind its last, holes included.
    pub span: PfnRange,
    /// Pages that exist.
    pub present: NrPages,
    /// Pages that the buddy system was given.
    pub managed: NrPages,
    /// The type of each pageblock from the one that holds the first frame on; none is a hole.
    pub pageblocks: Vec<Option<MigrateType>>,
    /// The free lists that have blocks, each head first.
    pub lists: Vec<(Order, MigrateType, Vec<Pfn>)>,
    /// The blocks on the per-CPU lists: free for a CPU, but in use for the buddy system.
    pub pcp: Vec<Block>,
    /// Its counters and watermarks.
    pub numbers: ZoneNumbers,
    /// The numbers of each CPU's lists.
    pub pcp_numbers: Vec<PcpNumbers>,
    /// The per-CPU lists that have blocks: where the blocks of `pcp` are.
    pub pcp_lists: Vec<PcpListDump>,
}

impl ZoneDump {
    /// Free pages on the lists.
    #[must_use]
    pub fn free_pages(&self) -> NrPages {
        NrPages(self.lists.iter().map(|(order, _, pfns)| (pfns.len() as u64) << order.get()).sum())
    }

    /// The zone's figures, when the dump says all of them.
    fn figures(&self) -> Option<StartFigures> {
        let ZoneNumbers { free: _, min, low, high, promo, boost, nr_reserved_highatomic } = self.numbers;
        let boost = boost?;
        let mark = |mark: Option<NrPages>| Some(mark?.0.saturating_sub(boost.0) as u32);
        Some(StartFigures {
            watermark: [mark(min)?, mark(low)?, mark(high)?, mark(promo)?],
            watermark_boost: boost.0 as u32,
            nr_reserved_highatomic: nr_reserved_highatomic?.0 as u32,
        })
    }

    /// What the CPUs keep of the zone.
    fn start_pcp(&self) -> Vec<StartPcp> {
        let of_cpu = |numbers: &PcpNumbers| {
            let lists = self.pcp_lists.iter().filter(|list| list.cpu == numbers.cpu);
            let sizes = [numbers.high, numbers.batch, numbers.free_factor, numbers.expire];
            Some(StartPcp {
                cpu: CpuId(u8::try_from(numbers.cpu).ok()?),
                sizes: sizes.map(Option::unwrap_or_default),
                lists: lists.map(|list| (list.index, list.pfns.clone())).collect(),
            })
        };
        self.pcp_numbers.iter().filter_map(of_cpu).collect()
    }

    /// Whether a type of number 4 or 5 occurs, which is CMA where a kernel has it.
    pub(crate) fn has_cma(&self) -> bool {
        let beyond = |t: MigrateType| t >= MigrateType::Cma;
        self.pageblocks.iter().flatten().any(|t| beyond(*t)) || self.lists.iter().any(|(_, t, _)| beyond(*t))
    }

    /// What lies on the lists, ascending.
    pub(crate) fn occupied(&self) -> Vec<PfnRange> {
        let free = self
            .lists
            .iter()
            .flat_map(|(order, _, pfns)| pfns.iter().map(|pfn| Block { pfn: *pfn, order: *order }));
        let mut ranges: Vec<PfnRange> = free
            .chain(self.pcp.iter().copied())
            .map(|b| PfnRange::new(b.pfn.0, b.pfn.0 + b.order.pages()))
            .collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    }

    /// The zone without the pageblocks that are holes, ascending.
    pub(crate) fn runs(&self) -> Vec<PfnRange> {
        let mut runs: Vec<PfnRange> = Vec::new();
        let first = self.span.start.align_down(pageblock_order()).0;
        for (index, migratetype) in (0u32..).zip(&self.pageblocks) {
            if migratetype.is_none() {
                continue;
            }
            let start = first + index * PAGEBLOCK_PAGES;
            let block = PfnRange::new(start, start + PAGEBLOCK_PAGES).and(self.span);
            match runs.last_mut() {
                Some(last) if last.end == block.start => last.end = block.end,
                _ => runs.push(block),
            }
        }
        runs
    }

    /// How many pageblocks its span touches.
    fn pageblock_count(&self) -> u32 {
        self.span.end.0.div_ceil(PAGEBLOCK_PAGES) - self.span.start.0 / PAGEBLOCK_PAGES
    }
}

/// A dump as it was read: the populated zones, ascending.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListsDump {
    /// Its zones.
    pub zones: Vec<ZoneDump>,
    /// Bytes of the buffer that the dump was made in, if the text says so (`END … max=`).
    pub buffer: Option<u64>,
}

impl ListsDump {
    /// The machine that starts with these very lists; what is not on them is in use by somebody unknown.
    ///
    /// Filled in: the dump counts holes and reserved frames, but has no places for them (beyond whole pageblocks).
    /// Holes go below the first MiB, where a PC has them, and then as high as nothing free is in the way; reserved
    /// frames as low as that. Number 4 is taken for CMA (on a kernel without CMA it is Isolate, which a machine at
    /// rest does not have); a dump in which it does not occur is taken for that of a kernel without.
    #[must_use]
    pub fn config(&self) -> Config {
        layout::from_dump(&self.zones, &[])
    }

    /// The machine that starts with these lists, those of the CPUs and the zones' figures too, and then does what
    /// a trace says. Filled in as for [`ListsDump::config`], but no frame is a hole or reserved that the trace names.
    /// `cma` says whether the kernel was built with CMA.
    #[must_use]
    pub fn replayed(&self, replay: &Replay, cma: bool) -> Config {
        let mut config = layout::from_dump(&self.zones, &replay.frames());
        let cpus = self.zones.iter().flat_map(|zone| &zone.pcp_numbers).map(|numbers| numbers.cpu);
        let cpus = usize::from(cpus.max().unwrap_or(0)) + 1;
        let cpus = cpus.min(mm::limits::MAX_CPUS);
        let nodes = usize::from(config.nodes());
        // The dump does not say where the CPUs are: in equal shares, as firmware numbers them.
        config.cpus = (0..cpus).map(|cpu| (cpu * nodes / cpus) as u8).collect();
        (config.pcp, config.watermarks, config.cma) = (true, true, cma);
        if self.zones.iter().any(|zone| zone.kind == ZoneKind::HighMem) {
            config.arch = Arch::I386;
        }
        config.recorded = replay.recording.clone();
        if let Start::Lists(lists) = &mut config.start {
            for (lists, zone) in lists.iter_mut().zip(&self.zones) {
                lists.figures = zone.figures();
                lists.pcp = zone.start_pcp();
            }
        }
        config
    }

    /// What a machine's lists are, as the kernel module would dump them.
    #[must_use]
    pub fn of(machine: &Machine) -> ListsDump {
        ListsDump {
            zones: crate::populated(machine).iter().map(|(id, _)| zone_of(machine, *id)).collect(),
            buffer: None,
        }
    }
}

/// One zone of a machine as a dump.
fn zone_of(machine: &Machine, id: ZoneId) -> ZoneDump {
    let zone = machine.zone(id);
    let mut lists = Vec::new();
    for order in Order::all() {
        for migratetype in MigrateType::ALL {
            let pfns: Vec<Pfn> = machine.free_list(id, order, migratetype).collect();
            if !pfns.is_empty() {
                lists.push((order, migratetype, pfns));
            }
        }
    }
    let (mut pcp_numbers, mut pcp_lists, mut pcp) = (Vec::new(), Vec::new(), Vec::new());
    for cpu in (0..machine.cpus()).map(CpuId) {
        let numbers = zone.pcp(cpu);
        pcp_numbers.push(PcpNumbers {
            cpu: u16::from(cpu.0),
            count: Some(numbers.count),
            high: Some(numbers.high),
            batch: Some(numbers.batch),
            free_factor: Some(u32::from(numbers.free_factor)),
            expire: Some(u32::from(numbers.expire)),
        });
        for index in 0..PerCpuPages::LISTS {
            let pfns: Vec<Pfn> = machine.pcp_list(id, cpu, index).collect();
            if !pfns.is_empty() {
                let list = PcpListDump { cpu: u16::from(cpu.0), index: index as u8, pfns };
                pcp.extend(list.pfns.iter().map(|pfn| Block { pfn: *pfn, order: list.order() }));
                pcp_lists.push(list);
            }
        }
    }
    let first = zone.span.start.0 / PAGEBLOCK_PAGES;
    let end = zone.span.end.0.div_ceil(PAGEBLOCK_PAGES);
    let pageblocks = (first..end).map(|index| {
        let block = PfnRange::new(index * PAGEBLOCK_PAGES, (index + 1) * PAGEBLOCK_PAGES).and(zone.span);
        let is_hole = (block.start.0..block.end.0).all(|pfn| machine.page(Pfn(pfn)).state == PageState::Hole);
        (!is_hole).then(|| machine.pageblock_type(block.start))
    });
    let mark = |mark| Some(NrPages(u64::from(zone.wmark_pages(mark))));
    ZoneDump {
        node: zone.node,
        kind: zone.kind,
        span: zone.span,
        present: zone.present,
        managed: zone.managed,
        pageblocks: pageblocks.collect(),
        lists,
        pcp,
        numbers: ZoneNumbers {
            free: Some(zone.nr_free_pages),
            min: mark(Mark::Min),
            low: mark(Mark::Low),
            high: mark(Mark::High),
            promo: mark(Mark::Promo),
            boost: Some(NrPages(u64::from(zone.watermark_boost))),
            nr_reserved_highatomic: Some(NrPages(u64::from(zone.nr_reserved_highatomic))),
        },
        pcp_numbers,
        pcp_lists,
    }
}

/// The dump as the kernel module prints it: what was read of its output comes out byte for byte.
#[must_use]
pub fn write_lists(dump: &ListsDump) -> String {
    let mut out = String::new();
    for zone in &dump.zones {
        write_zone(&mut out, zone);
    }
    if let Some(max) = dump.buffer {
        let _ = writeln!(out, "END len={} max={max}", out.len());
    }
    out
}

fn write_zone(out: &mut String, zone: &ZoneDump) {
    let ZoneDump { node, kind, span, present, managed, .. } = zone;
    let _ = write!(
        out,
        "Z node={node} zone={} start={:x} spanned={:x} present={:x} managed={:x}",
        kind.name(),
        span.start.0,
        span.len(),
        present.0,
        managed.0
    );
    for (key, pages) in zone.numbers.clone().each_mut() {
        if let Some(pages) = pages {
            let _ = write!(out, " {key}={pages}");
        }
    }
    out.push_str("\nPB ");
    out.extend(zone.pageblocks.iter().map(|t| t.map_or('-', |t| char::from(b'0' + t as u8))));
    out.push('\n');
    for (order, migratetype, pfns) in &zone.lists {
        let _ = write!(out, "F {order} {}:", *migratetype as u8);
        write_pfns(out, pfns);
    }
    let mut lists = BTreeMap::<u16, Vec<&PcpListDump>>::new();
    for list in &zone.pcp_lists {
        lists.entry(list.cpu).or_default().push(list);
    }
    for numbers in &zone.pcp_numbers {
        let _ = write!(out, "P cpu={}", numbers.cpu);
        for (key, value) in numbers.clone().each_mut() {
            if let Some(value) = value {
                let _ = write!(out, " {key}={value}");
            }
        }
        out.push('\n');
        lists.remove(&numbers.cpu).iter().flatten().for_each(|list| write_pcp_list(out, list));
    }
    lists.values().flatten().for_each(|list| write_pcp_list(out, list));
}

fn write_pcp_list(out: &mut String, list: &PcpListDump) {
    let _ = write!(out, "L {} {}:", list.cpu, list.index);
    write_pfns(out, &list.pfns);
}

fn write_pfns(out: &mut String, pfns: &[Pfn]) {
    for pfn in pfns {
        let _ = write!(out, " {:x}", pfn.0);
    }
    out.push('\n');
}

/// Reads a dump.
///
/// # Errors
/// Every mistake in it: first those of single lines, then those that lines make together, each in the order of the
/// text. None is left for [`mm::Machine::boot`] to find.
pub fn read_lists(text: &str) -> Result<ListsDump, Vec<ReadError>> {
    let mut reader = Reader { zones: Vec::new(), errors: Vec::new(), skipping: false, buffer: None };
    for (number, line) in lines(text) {
        if let Err(error) = reader.line(number, line) {
            reader.errors.push(error);
        }
    }
    if reader.zones.is_empty() && reader.errors.is_empty() {
        reader.errors.push(first_place(text).error(ReadErrorKind::Empty(Format::Lists)));
    }
    if reader.errors.is_empty() {
        reader.check_together();
    }
    if reader.errors.is_empty() {
        let zones = reader.zones.into_iter().map(|zone| zone.dump).collect();
        Ok(ListsDump { zones, buffer: reader.buffer })
    } else {
        Err(reader.errors)
    }
}

/// A zone, and where in the text its parts were.
struct ZoneText {
    dump: ZoneDump,
    at: Place,
    /// Behind the last pageblock type.
    pageblocks_end: Option<Place>,
    /// Every free block and every block on a per-CPU list, as the text has them.
    blocks: Vec<(Block, Place)>,
    has_list: [[bool; MigrateType::COUNT]; Order::COUNT],
    /// The CPUs whose numbers were there.
    has_cpu: BTreeSet<u16>,
    /// The per-CPU lists that were there.
    has_pcp_list: BTreeSet<(u16, u8)>,
}

struct Reader {
    zones: Vec<ZoneText>,
    errors: Vec<ReadError>,
    /// The lines belong to a zone that could not be understood: one mistake is enough.
    skipping: bool,
    buffer: Option<u64>,
}

impl Reader {
    /// One line; more than one mistake in it goes straight to `errors`.
    fn line(&mut self, number: u32, line: &str) -> Result<(), ReadError> {
        let (head, tail) = match (Word { text: line, column: 1 }).split(':') {
            Some((head, tail)) => (head, Some(tail)),
            None => (line, None),
        };
        let mut head = words(head);
        let Some(first) = head.next() else {
            let at = end_of(number, "");
            return Err(at.error(ReadErrorKind::NotALine(Format::Lists, ":".into())));
        };
        match first.text {
            "Z" => {
                self.skipping = true;
                self.zone(number, line)
            }
            "PB" | "F" | "L" | "P" if self.skipping => Ok(()),
            "PB" => self.pageblocks(number, line, first),
            "F" | "L" => {
                let (numbers, frames) = (head.next(), head.next());
                let tail =
                    tail.ok_or_else(|| end_of(number, line).error(ReadErrorKind::Expected(Missing::Colon)));
                match first.text {
                    "F" => self.free_list(number, line, first, [numbers, frames], tail?),
                    _ => self.pcp_list(number, line, first, [numbers, frames], tail?),
                }
            }
            "P" => self.pcp_numbers(number, line, first),
            "END" => {
                let value = |key| -> Option<u64> { value_of(line, key)?.text.parse().ok() };
                self.buffer = value("max");
                let cut_off = value("len").zip(value("max")).is_some_and(|(len, max)| len >= max);
                if cut_off { Err(first.at(number).error(ReadErrorKind::CutOff)) } else { Ok(()) }
            }
            _ => Err(first.at(number).error(ReadErrorKind::NotALine(Format::Lists, first.quoted()))),
        }
    }

    fn zone(&mut self, number: u32, line: &str) -> Result<(), ReadError> {
        let field = |key: &'static str| {
            let missing = || end_of(number, line).error(ReadErrorKind::Expected(Missing::Key(key)));
            value_of(line, key).ok_or_else(missing)
        };
        let frames = |key: &'static str| {
            let word = field(key)?;
            match u64::from_str_radix(word.text, 16) {
                Ok(frames) if frames <= 2 * u64::from(MAX_FRAMES_IMPORTED) => Ok(frames as u32),
                Ok(frames) => Err(word.at(number).error(ReadErrorKind::Beyond(Bound::FrameNumber, frames))),
                Err(_) => Err(word.at(number).error(ReadErrorKind::NotANumber(word.quoted()))),
            }
        };
        let node_word = field("node")?;
        let node = match node_word.text.parse::<u64>() {
            Ok(node) if node <= MAX_NODE.into() => node as u8,
            Ok(node) => {
                return Err(node_word.at(number).error(ReadErrorKind::Beyond(Bound::Node, node)));
            }
            Err(_) => return Err(node_word.at(number).error(ReadErrorKind::NotANumber(node_word.quoted()))),
        };
        let name = field("zone")?;
        let kind = ZoneKind::from_name(name.text)
            .ok_or_else(|| name.at(number).error(ReadErrorKind::UnknownZone(name.quoted())))?;
        if self.zones.iter().any(|zone| (zone.dump.node, zone.dump.kind) == (node, kind)) {
            return Err(name.at(number).error(ReadErrorKind::ZoneTwice(kind)));
        }
        let (start, spanned) = (frames("start")?, frames("spanned")?);
        let (present, managed) = (frames("present")?, frames("managed")?);
        let end = u64::from(start) + u64::from(spanned);
        let place = |key| field(key).map(|word| word.at(number));
        if end > 2 * u64::from(MAX_FRAMES_IMPORTED) {
            return Err(place("spanned")?.error(ReadErrorKind::Beyond(Bound::FrameNumber, end)));
        }
        for (key, fewer, more) in [("present", present, spanned), ("managed", managed, present)] {
            if fewer > more {
                return Err(place(key)?.error(ReadErrorKind::TooManyPages(key)));
            }
        }
        let mut numbers = ZoneNumbers::default();
        for (key, pages) in numbers.each_mut() {
            *pages = number_of(number, line, key)?.map(NrPages);
        }
        self.skipping = false;
        if present == 0 {
            // `/proc/zoneinfo` lists unpopulated zones, and so may a dump. Nothing lies in them.
            self.skipping = true;
            return Ok(());
        }
        self.zones.push(ZoneText {
            dump: ZoneDump {
                node,
                kind,
                span: PfnRange::new(start, start + spanned),
                present: NrPages(u64::from(present)),
                managed: NrPages(u64::from(managed)),
                pageblocks: Vec::new(),
                lists: Vec::new(),
                pcp: Vec::new(),
                numbers,
                pcp_numbers: Vec::new(),
                pcp_lists: Vec::new(),
            },
            at: name.at(number),
            pageblocks_end: None,
            blocks: Vec::new(),
            has_list: Default::default(),
            has_cpu: BTreeSet::new(),
            has_pcp_list: BTreeSet::new(),
        });
        Ok(())
    }

    /// The zone that a line belongs to.
    fn current(&mut self, at: Place) -> Result<&mut ZoneText, ReadError> {
        self.zones.last_mut().ok_or_else(|| at.error(ReadErrorKind::NoZoneYet))
    }

    fn pageblocks(&mut self, number: u32, line: &str, first: Word<'_>) -> Result<(), ReadError> {
        let zone = self.current(first.at(number))?;
        if zone.pageblocks_end.is_some() {
            return Err(first.at(number).error(ReadErrorKind::PageblocksTwice));
        }
        zone.pageblocks_end = Some(end_of(number, line));
        let most = zone.dump.pageblock_count();
        let digits = words(line).skip(1).flat_map(|word| (word.column..).zip(word.text.chars()));
        for (column, digit) in digits {
            let at = Place { line: number, column };
            if zone.dump.pageblocks.len() as u32 == most {
                return Err(at.error(ReadErrorKind::TooManyPageblocks { most }));
            }
            let migratetype = match digit {
                '-' => None,
                _ => {
                    let known = digit.to_digit(10).and_then(|d| MigrateType::from_raw(d as u8));
                    let unknown = || at.error(ReadErrorKind::UnknownMigrateType(digit.into()));
                    Some(known.ok_or_else(unknown)?)
                }
            };
            zone.dump.pageblocks.push(migratetype);
        }
        Ok(())
    }

    fn free_list(
        &mut self,
        number: u32,
        line: &str,
        first: Word<'_>,
        [order, migratetype]: [Option<Word<'_>>; 2],
        tail: Word<'_>,
    ) -> Result<(), ReadError> {
        let missing = |what| end_of(number, line).error(ReadErrorKind::Expected(what));
        let order_word = order.ok_or_else(|| missing(Missing::Order))?;
        let order = match order_word.text.parse::<u32>() {
            Ok(order) => u8::try_from(order)
                .ok()
                .and_then(Order::new)
                .ok_or_else(|| order_word.at(number).error(ReadErrorKind::OrderTooLarge(order)))?,
            Err(_) => {
                return Err(order_word.at(number).error(ReadErrorKind::NotANumber(order_word.quoted())));
            }
        };
        let type_word = migratetype.ok_or_else(|| missing(Missing::MigrateType))?;
        let migratetype = type_word.text.parse().ok().and_then(MigrateType::from_raw).ok_or_else(|| {
            type_word.at(number).error(ReadErrorKind::UnknownMigrateType(type_word.quoted()))
        })?;
        let blocks = frames_of(number, order, tail, &mut self.errors);
        let zone = self.current(first.at(number))?;
        let seen = &mut zone.has_list[order.index()][migratetype.index()];
        if std::mem::replace(seen, true) {
            return Err(order_word.at(number).error(ReadErrorKind::ListTwice));
        }
        if !blocks.is_empty() {
            let pfns = blocks.iter().map(|(block, _)| block.pfn).collect();
            zone.dump.lists.push((order, migratetype, pfns));
        }
        zone.blocks.extend(blocks);
        Ok(())
    }

    fn pcp_numbers(&mut self, number: u32, line: &str, first: Word<'_>) -> Result<(), ReadError> {
        let zone = self.current(first.at(number))?;
        let missing = || end_of(number, line).error(ReadErrorKind::Expected(Missing::Cpu));
        let mut numbers = PcpNumbers {
            cpu: cpu_of(number, value_of(line, "cpu").ok_or_else(missing)?)?,
            ..Default::default()
        };
        for (key, value) in numbers.each_mut() {
            *value = number_of(number, line, key)?;
        }
        if !zone.has_cpu.insert(numbers.cpu) {
            return Err(first.at(number).error(ReadErrorKind::CpuTwice(numbers.cpu)));
        }
        zone.dump.pcp_numbers.push(numbers);
        Ok(())
    }

    fn pcp_list(
        &mut self,
        number: u32,
        line: &str,
        first: Word<'_>,
        [cpu, index]: [Option<Word<'_>>; 2],
        tail: Word<'_>,
    ) -> Result<(), ReadError> {
        let missing = || end_of(number, line).error(ReadErrorKind::Expected(Missing::Order));
        let (cpu, index_word) = cpu.zip(index).ok_or_else(missing)?;
        let cpu = cpu_of(number, cpu)?;
        let unknown = || index_word.at(number).error(ReadErrorKind::UnknownPcpList(index_word.quoted()));
        let index = index_word.text.parse::<u8>().map_err(|_| unknown())?;
        let order = pcp_order(index).ok_or_else(unknown)?;
        let blocks = frames_of(number, order, tail, &mut self.errors);
        let zone = self.current(first.at(number))?;
        if !zone.has_pcp_list.insert((cpu, index)) {
            return Err(index_word.at(number).error(ReadErrorKind::ListTwice));
        }
        if !blocks.is_empty() {
            let pfns = blocks.iter().map(|(block, _)| block.pfn).collect();
            zone.dump.pcp_lists.push(PcpListDump { cpu, index, pfns });
        }
        zone.dump.pcp.extend(blocks.iter().map(|(block, _)| *block));
        zone.blocks.extend(blocks);
        Ok(())
    }

    /// What only all lines together can have wrong.
    fn check_together(&mut self) {
        let mut ram = 0;
        let mut end = Pfn(0);
        for zone in &self.zones {
            ram += zone.dump.present.0;
            if zone.dump.span.start < end {
                self.errors.push(zone.at.error(ReadErrorKind::ZonesOutOfOrder(zone.dump.kind)));
            }
            end = end.max(zone.dump.span.end);
            let before = self.errors.len();
            check_blocks(zone, &mut self.errors);
            if zone.dump.pageblocks.len() as u32 != zone.dump.pageblock_count() {
                let at = zone.pageblocks_end.unwrap_or(zone.at);
                self.errors.push(at.error(ReadErrorKind::Expected(Missing::PageblockTypes)));
            }
            if self.errors.len() == before
                && let Err(what) = layout::places(&zone.dump, &[])
            {
                self.errors.push(zone.at.error(ReadErrorKind::NoRoomFor(what)));
            }
        }
        let Some(last) = self.zones.last() else { return };
        if ram > u64::from(MAX_FRAMES_IMPORTED) {
            self.errors.push(last.at.error(ReadErrorKind::Beyond(Bound::Frames, ram)));
        }
        if ram < u64::from(MIN_FRAMES) {
            self.errors.push(last.at.error(ReadErrorKind::Beyond(Bound::TooFewFrames, ram)));
        }
        // The machine ends with the last frame of RAM, and a zone cannot reach beyond that.
        if last.dump.pageblocks.last() == Some(&None) {
            let at = last.pageblocks_end.unwrap_or(last.at);
            self.errors.push(at.error(ReadErrorKind::EndsInHole(last.dump.kind)));
        }
    }
}

/// What a line has for `key=`.
fn value_of<'t>(line: &'t str, key: &str) -> Option<Word<'t>> {
    words(line).find_map(|word| word.split('=').filter(|(k, _)| *k == key).map(|(_, value)| value))
}

/// The same as a number, in decimal; none when the key is not there.
fn number_of<N: FromStr>(number: u32, line: &str, key: &str) -> Result<Option<N>, ReadError> {
    let Some(word) = value_of(line, key) else { return Ok(None) };
    match word.text.parse() {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(word.at(number).error(ReadErrorKind::NotANumber(word.quoted()))),
    }
}

fn cpu_of(number: u32, word: Word<'_>) -> Result<u16, ReadError> {
    word.text.parse().map_err(|_| word.at(number).error(ReadErrorKind::NotANumber(word.quoted())))
}

/// The frames of a list; those that are none are reported.
fn frames_of(number: u32, order: Order, tail: Word<'_>, errors: &mut Vec<ReadError>) -> Vec<(Block, Place)> {
    let mut blocks = Vec::new();
    for word in words_from(tail) {
        let at = word.at(number);
        match u64::from_str_radix(word.text, 16) {
            Ok(pfn) if pfn < 2 * u64::from(MAX_FRAMES_IMPORTED) => {
                blocks.push((Block { pfn: Pfn(pfn as u32), order }, at));
            }
            Ok(pfn) => errors.push(at.error(ReadErrorKind::Beyond(Bound::FrameNumber, pfn))),
            Err(_) => errors.push(at.error(ReadErrorKind::NotANumber(word.quoted()))),
        }
    }
    blocks
}

/// Every block is aligned, in its zone and not in a hole, and no two overlap.
fn check_blocks(zone: &ZoneText, errors: &mut Vec<ReadError>) {
    let ZoneDump { span, pageblocks, .. } = &zone.dump;
    let first = span.start.0 / PAGEBLOCK_PAGES;
    let in_hole = |pfn: Pfn| {
        let index = (pfn.0 / PAGEBLOCK_PAGES).checked_sub(first);
        index.is_some_and(|index| pageblocks.get(index as usize) == Some(&None))
    };
    let mut good: Vec<(Block, Place)> = Vec::new();
    for &(block, at) in &zone.blocks {
        let kind = if !block.pfn.is_aligned(block.order) {
            ReadErrorKind::NotAligned(block)
        } else if !span.contains(block.pfn) || !span.contains(block.last()) {
            ReadErrorKind::OutsideZone(block)
        } else if in_hole(block.pfn) || in_hole(block.last()) {
            ReadErrorKind::InHole(block)
        } else {
            good.push((block, at));
            continue;
        };
        errors.push(at.error(kind));
    }
    good.sort_by_key(|(block, at)| (block.pfn, at.line, at.column));
    let mut end = None::<Pfn>;
    for (block, at) in good {
        if end.is_some_and(|last| block.pfn <= last) {
            errors.push(at.error(ReadErrorKind::Overlap(block.pfn)));
        }
        end = end.max(Some(block.last()));
    }
}
