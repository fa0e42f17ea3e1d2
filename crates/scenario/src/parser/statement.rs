//! One statement from the tokens of its line.

use mm::config::{Arch, Mobility, Rules, StartFigures};
use mm::dma::swiotlb::{IO_TLB_MIN_SLABS, MAX_SWIOTLB};
use mm::gfp::GfpFlags;
use mm::limits::{MAX_CPUS, MAX_FRAMES_IMPORTED};
use mm::mmzone::{PerCpuPages, ZoneKind};
use mm::oom_kill::OomRules;
use mm::op::PageKind;
use mm::page::MigrateType;
use mm::units::Order;
use mm::x86::pgtable::Paging;

use super::cursor::{Cursor, Parsed, Wrong, shortened};
use super::lexer::TokenKind;
use super::{KEYWORDS, REQUESTS};
use crate::ast::{
    Alloc, Flags, For, Index, Node, PcpSizes, Run, Size, Statement, Target, Thp, Tunable, Workload, ZoneRef,
    kind_from_word, kind_word,
};
use crate::diagnostic::{Kind, NotYet, What};
use crate::printer::usual_promo;
use crate::process::ACCESSES;
use crate::segmentation::WORDS;
use crate::span::{Part, Span};
use crate::suggest::nearest;

/// The statement, or nothing when something is wrong with it; everything wrong has been reported.
pub(super) fn statement(c: &mut Cursor<'_, '_>) -> Option<Statement> {
    let statement = begin(c).ok()?;
    c.nothing_more().ok()?;
    Some(statement)
}

fn begin(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let Some(word) = c.peek_word() else { return Err(c.expected(What::Name)) };
    match word {
        "title" => after(c, |c| Ok(Statement::Title(c.phrase()?))),
        "say" => after(c, |c| Ok(Statement::Say(c.phrase()?))),
        "rules" => after(c, rules),
        "arch" => after(c, |c| {
            let arches = [Arch::X86_64, Arch::I386];
            Ok(Statement::Arch(arches[c.choice(What::Arch, &arches.map(Arch::name))?]))
        }),
        "ram" => after(c, |c| Ok(Statement::Ram(c.amount()?))),
        "zone" => after(c, |c| {
            let kind = c.zone()?;
            let size = if c.done() { None } else { Some(c.amount()?) };
            Ok(Statement::Zone { kind, size })
        }),
        "reserve" => after(c, |c| Ok(Statement::Reserve { start: c.amount()?, size: c.amount()? })),
        "cpus" => after(c, |c| Ok(Statement::Cpus(c.number(What::Cpus, 1, MAX_CPUS as u64)? as u8))),
        "node" => after(c, node),
        "distance" => after(c, distance),
        "pageblock_order" => after(c, |c| Ok(Statement::PageblockOrder(c.order(1)?))),
        "page_group_by_mobility" => after(c, |c| {
            let at = c.choice(What::OnOffAuto, &["auto", "on", "off"])?;
            Ok(Statement::Mobility([Mobility::Auto, Mobility::On, Mobility::Off][at]))
        }),
        "pcp" => after(c, |c| Ok(Statement::Pcp(on_off(c)?))),
        "watermarks" => after(c, |c| Ok(Statement::Watermarks(on_off(c)?))),
        "thp" => after(c, |c| {
            Ok(Statement::Thp([Thp::Always, Thp::Madvise, Thp::Never][c.choice(What::Thp, &Thp::WORDS)?]))
        }),
        // Of a processor with segments it is switched on and off.
        "paging" if !c.is_given() && !matches!(c.second_word(), Some("on" | "off")) => after(c, |c| {
            let at = c.choice(What::Paging, &Paging::ALL.map(Paging::word))?;
            Ok(Statement::Paging(Paging::ALL[at]))
        }),
        "cma" => after(c, super::cma::cma),
        "reserved_memory" if !c.is_given() => after(c, super::cma::reserved),
        "dma_free_coherent" if !c.is_given() => after(c, super::dma::free),
        "dma_read" if !c.is_given() => after(c, super::dma::read),
        word if !c.is_given() && super::dma::WORDS.contains(&word) => {
            c.skip();
            super::dma::op(c, word)
        }
        "swiotlb" if !c.is_given() => {
            after(c, |c| Ok(Statement::Swiotlb(c.bytes(u64::from(IO_TLB_MIN_SLABS) << 11..=MAX_SWIOTLB)?)))
        }
        "cma_release" if !c.is_given() => after(c, super::cma::release),
        "seed" => after(c, |c| Ok(Statement::Seed(c.number(What::Number, 0, u64::MAX)?))),
        "buddyinfo" => after(c, buddyinfo),
        // A row pasted as the kernel prints it.
        "Node" => buddyinfo(c),
        "free_list" => after(c, free_list),
        "pageblocks" => after(c, pageblocks),
        "figures" => after(c, figures),
        "pcp_sizes" => after(c, pcp_sizes),
        "pcp_list" => after(c, pcp_list),
        "drain" => after(c, |_| Ok(Statement::Drain)),
        "sysctl" => after(c, sysctl),
        "isolate" => {
            after(c, |c| Ok(Statement::Isolate(c.number_u32(What::Pfn, 0, 2 * MAX_FRAMES_IMPORTED)?)))
        }
        "unisolate" => after(c, |c| {
            let pfn = c.number_u32(What::Pfn, 0, 2 * MAX_FRAMES_IMPORTED)?;
            Ok(Statement::Unisolate(pfn, c.migratetype()?))
        }),
        word @ ("slab" | "freelist_random" | "slab_colour" | "init_on_alloc") => {
            after(c, |c| super::kmem::setting(c, word))
        }
        word if !c.is_given() && super::compact::WORDS.contains(&word) => {
            c.skip();
            super::compact::op(c, word)
        }
        "compaction" if !c.is_given() => after(c, super::compact::compaction),
        "reclaim" if !c.is_given() => after(c, |c| Ok(Statement::Reclaim(on_off(c)?))),
        "swap" if !c.is_given() => after(c, super::files::swap),
        word if !c.is_given() && super::files::WORDS.contains(&word) => {
            c.skip();
            super::files::op(c, word)
        }
        "oom_killer" if !c.is_given() => {
            c.skip();
            let names = OomRules::ALL.map(OomRules::name);
            Ok(Statement::OomKiller(OomRules::ALL[c.choice(What::OomKiller, &names)?]))
        }
        "cpuset.mems" if !c.is_given() => after(c, super::process::cpuset_mems),
        "set_mempolicy" | "mbind" if !c.is_given() => {
            c.skip();
            super::process::policy(c, word)
        }
        "lowmemorykiller" if !c.is_given() => after(c, super::files::lowmem),
        "oom_score_adj" | "oom_adj" | "sysrq" if !c.is_given() => {
            c.skip();
            super::process::killing(c, word)
        }
        "tlb" if !c.is_given() => {
            c.skip();
            super::mmu::tlb(c)
        }
        word @ ("kmem_cache_shrink" | "kmem_cache_destroy" | "reap" | "touch") => {
            after(c, |c| super::kmem::op(c, word))
        }
        word @ ("register_shrinker" | "list_lru_add" | "list_lru_del") if !c.is_given() => {
            after(c, |c| super::kmem::op(c, word))
        }
        "kernel" => after(c, super::kernel::kernel),
        word if !c.is_given()
            && (WORDS.contains(&word)
                || super::segmentation::is_place(c) && ACCESSES.iter().any(|(of, _)| *of == word)) =>
        {
            c.skip();
            super::segmentation::op(c, word)
        }
        "exit"
        | "munmap"
        | "mprotect"
        | "madvise"
        | "brk"
        | "read"
        | "write"
        | "exec"
        | "mremap"
        | "memset"
        | "hexdump"
        | "mlock"
        | "munlock"
        | "mlockall"
        | "munlockall"
        | "nr_hugepages"
        | "nr_overcommit_hugepages"
        | "khugepaged"
            if !c.is_given() =>
        {
            c.skip();
            super::process::op(c, word)
        }
        "caches" if !c.is_given() => {
            c.skip();
            super::caches::caches(c)
        }
        "scan" if !c.is_given() => {
            c.skip();
            super::caches::scan(c)
        }
        "move" if !c.is_given() => {
            c.skip();
            super::caches::moves(c)
        }
        "free" => after(c, |c| {
            let target = c.target()?;
            Ok(Statement::Free { target, cpu: super::kmem::cpu(c)? })
        }),
        "for" => after(c, for_loop),
        "end" => after(c, |_| Ok(Statement::End)),
        name if Tunable::NAMES.contains(&name) => after(c, |c| Ok(Statement::Tunable(tunable(c, name)?))),
        _ => request(c),
    }
}

/// The statement behind its keyword. `free = …` and the like: a word of the language as a name.
fn after(
    c: &mut Cursor<'_, '_>,
    parse: impl FnOnce(&mut Cursor<'_, '_>) -> Parsed<Statement>,
) -> Parsed<Statement> {
    let span = c.span();
    let word = c.word().unwrap_or_default();
    if matches!(c.peek(), Some(TokenKind::Sign('=' | '['))) {
        return Err(c.report(span, Kind::ReservedName { name: word.into() }));
    }
    parse(c)
}

fn rules(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let span = c.span();
    match c.peek_word() {
        Some(word) if word == Rules::V6_1.name() => {
            c.skip();
            Ok(Statement::Rules(Rules::V6_1))
        }
        Some(word) if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.') => {
            c.skip();
            Err(c.report(span, Kind::NotYet(NotYet::Rules(shortened(word)))))
        }
        _ => Err(c.expected(What::Rules)),
    }
}

pub(super) fn on_off(c: &mut Cursor<'_, '_>) -> Parsed<bool> {
    Ok(c.choice(What::OnOff, &["off", "on"])? == 1)
}

/// `node 0 ram 1G cpus 0..1`
fn node(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let node = c.node()?;
    let ram = if c.keyword("ram") { Some(c.amount()?) } else { None };
    let mut cpus = Vec::new();
    if c.keyword("cpus") {
        while !c.done() || cpus.is_empty() {
            let from_span = c.span();
            let from = c.cpu()?;
            if c.peek() != Some(&TokenKind::Range) {
                return Err(c.expected(What::CpuRange));
            }
            c.skip();
            let to = c.cpu()?;
            if to < from {
                let span = from_span.to(c.last_span());
                return Err(c.report(span, Kind::EmptyRange { from: u64::from(from), to: u64::from(to) }));
            }
            cpus.push((from, to));
        }
    }
    if ram.is_none() && cpus.is_empty() {
        return Err(c.expected_one_of(What::NodeParts, &["ram", "cpus"]));
    }
    Ok(Statement::Node(Node { node, ram, cpus }))
}

/// `distance 0 1 20`
fn distance(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let from = c.node()?;
    let span = c.span();
    let to = c.node()?;
    if to == from {
        return Err(c.report(span, Kind::DistanceToItself));
    }
    // The firmware's table has 10 for a node itself, and 255 for no way at all.
    let distance = c.number(What::Distance, 11, 254)? as u8;
    Ok(Statement::Distance { from, to, distance })
}

/// The number or the numbers of a file of `/proc/sys/vm`.
fn tunable(c: &mut Cursor<'_, '_>, name: &str) -> Parsed<Tunable> {
    let most = Tunable::MAX;
    Ok(match name {
        "min_free_kbytes" => Tunable::MinFreeKbytes(c.number_u32(What::Kibibytes, 0, most)?),
        "watermark_scale_factor" => Tunable::WatermarkScaleFactor(c.number_u32(What::Factor, 1, 3000)?),
        "watermark_boost_factor" => Tunable::WatermarkBoostFactor(c.number_u32(What::Factor, 0, most)?),
        "lowmem_reserve_ratio" => {
            let mut ratio = vec![c.number_u32(What::Ratio, 0, most)?];
            while !c.done() && ratio.len() < ZoneKind::COUNT {
                ratio.push(c.number_u32(What::Ratio, 0, most)?);
            }
            Tunable::LowmemReserveRatio(ratio)
        }
        "overcommit_memory" => Tunable::OvercommitMemory(c.number_u32(What::Number, 0, 2)?),
        "zone_reclaim_mode" => Tunable::ZoneReclaimMode(c.number_u32(What::Number, 0, 7)?),
        "panic_on_oom" => Tunable::PanicOnOom(c.number_u32(What::Number, 0, 2)?),
        "oom_kill_allocating_task" => Tunable::OomKillAllocatingTask(c.number_u32(What::Number, 0, most)?),
        "overcommit_ratio" => Tunable::OvercommitRatio(c.number_u32(What::Ratio, 0, most)?),
        "swappiness" => Tunable::Swappiness(c.number_u32(What::Number, 0, 200)?),
        "dirty_ratio" => Tunable::DirtyRatio(c.number_u32(What::Percent, 0, 100)?),
        "dirty_background_ratio" => Tunable::DirtyBackgroundRatio(c.number_u32(What::Percent, 0, 100)?),
        "page_cluster" => Tunable::PageCluster(c.number_u32(What::Number, 0, 5)?),
        "vfs_cache_pressure" => Tunable::VfsCachePressure(c.number_u32(What::Percent, 0, most)?),
        _ => {
            let span = c.span();
            let fraction = c.number_u32(What::Fraction, 0, most)?;
            if (1..8).contains(&fraction) {
                return Err(c.report(span, Kind::SmallFraction { found: fraction }));
            }
            Tunable::PercpuPagelistHighFraction(fraction)
        }
    })
}

/// `sysctl vm.min_free_kbytes 4096`; with `=` before the number, as `sysctl -w` wants it, as well.
fn sysctl(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let files = Tunable::NAMES.map(|name| format!("vm.{name}"));
    let at = c.choice(What::Sysctl, &files.each_ref().map(String::as_str))?;
    c.sign('=');
    Ok(Statement::Sysctl(tunable(c, Tunable::NAMES[at])?))
}

/// `cpu=1`, the only option there is.
pub(super) fn cpu_option(c: &mut Cursor<'_, '_>) -> Parsed<u8> {
    if !c.keyword("cpu") {
        return match c.peek_word() {
            Some(word) if nearest(word, ["cpu"]).is_some() => {
                c.skip();
                Err(unknown_option(c, word, &["cpu"]))
            }
            _ => c.nothing_more().and(Err(Wrong)),
        };
    }
    c.equals()?;
    c.cpu()
}

/// `name=number …` in any order, each at most once; the first `needed` have to be there.
fn numbers<const N: usize>(
    c: &mut Cursor<'_, '_>,
    names: [&'static str; N],
    bounds: [(u32, u32); N],
    needed: usize,
) -> Parsed<[Option<u32>; N]> {
    let mut values = [None; N];
    each_option(c, |c| number_option(c, &names, &bounds, &mut values))?;
    match values.iter().take(needed).position(Option::is_none) {
        Some(at) => Err(c.expected(What::Figure(names[at]))),
        None => Ok(values),
    }
}

fn number_option(
    c: &mut Cursor<'_, '_>,
    names: &[&'static str],
    bounds: &[(u32, u32)],
    values: &mut [Option<u32>],
) -> Parsed<()> {
    let Some(word) = c.word() else { return Err(c.expected(What::Figure(names[0]))) };
    let Some(at) = names.iter().position(|name| *name == word) else {
        return Err(unknown_option(c, word, names));
    };
    c.equals()?;
    let (min, max) = bounds[at];
    let value = c.number_u32(What::Figure(names[at]), min, max)?;
    once(c, word, &mut values[at], value)
}

/// `figures DMA min=34 low=42 high=50 promo=58 boost=0 highatomic=0`
fn figures(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let zone = c.zone_ref()?;
    let from = c.span();
    let names = ["min", "low", "high", "promo", "boost", "highatomic"];
    let [min, low, high, promo, boost, highatomic] = numbers(c, names, [(0, MAX_FRAMES_IMPORTED); 6], 3)?;
    let (min, low, high) = (min.unwrap_or(0), low.unwrap_or(0), high.unwrap_or(0));
    let promo = promo.unwrap_or(usual_promo(low, high));
    if !(min <= low && low <= high && high <= promo) {
        let span = from.to(c.last_span());
        return Err(c.report(span, Kind::MarksDescend));
    }
    let figures = StartFigures {
        watermark: [min, low, high, promo],
        watermark_boost: boost.unwrap_or(0),
        nr_reserved_highatomic: highatomic.unwrap_or(0),
    };
    Ok(Statement::Figures { zone, figures })
}

/// A zone and a CPU: `DMA32 cpu=0`.
fn zone_and_cpu(c: &mut Cursor<'_, '_>) -> Parsed<(ZoneRef, u8)> {
    let zone = c.zone_ref()?;
    if !c.keyword("cpu") {
        return Err(c.expected(What::Figure("cpu")));
    }
    c.equals()?;
    Ok((zone, c.cpu()?))
}

/// `pcp_sizes DMA32 cpu=0 high=515 batch=15 free_factor=0 expire=0`
fn pcp_sizes(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let (zone, cpu) = zone_and_cpu(c)?;
    let names = ["high", "batch", "free_factor", "expire"];
    let most_factor = u32::from(PerCpuPages::MAX_FREE_FACTOR);
    let bounds = [(0, MAX_FRAMES_IMPORTED), (1, MOST_BATCH), (0, most_factor), (0, u32::from(u8::MAX))];
    let [high, batch, free_factor, expire] = numbers(c, names, bounds, 2)?;
    let sizes = PcpSizes {
        high: high.unwrap_or(0),
        batch: batch.unwrap_or(1),
        free_factor: free_factor.unwrap_or(0) as u8,
        expire: expire.unwrap_or(0) as u8,
    };
    Ok(Statement::PcpSizes { zone, cpu, sizes })
}

/// Far more than any kernel takes at once.
const MOST_BATCH: u32 = 1 << 16;

/// `pcp_list DMA32 cpu=0 order=0 Movable: 0x8ebb 0x8ebc`
fn pcp_list(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let (zone, cpu) = zone_and_cpu(c)?;
    if !c.keyword("order") {
        return Err(c.expected(What::Figure("order")));
    }
    c.equals()?;
    let span = c.span();
    c.mark(Part::Size, span);
    let order = c.order(0)?;
    let span = c.span();
    let migratetype = c.migratetype()?;
    if !migratetype.is_mergeable() {
        return Err(c.report(span, Kind::NoPcpListOf { migratetype }));
    }
    Ok(Statement::PcpList { zone, cpu, order, migratetype, pfns: frames(c)? })
}

/// `: 0x400 0x800`, to the end of the line.
fn frames(c: &mut Cursor<'_, '_>) -> Parsed<Vec<u32>> {
    if !c.sign(':') {
        return Err(c.expected(What::Literal(":")));
    }
    let mut pfns = Vec::new();
    while !c.done() {
        let span = c.span();
        c.mark(Part::Value(pfns.len() as u32), span);
        pfns.push(c.number_u32(What::Pfn, 0, u32::MAX)?);
    }
    Ok(pfns)
}

/// `Node 0, zone DMA 3 2 3 …`, in any spacing; missing large orders are 0.
fn buddyinfo(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    if !c.keyword("Node") {
        return Err(c.expected_one_of(What::BuddyRow, &["Node"]));
    }
    let node = c.node()?;
    c.sign(',');
    if !c.keyword("zone") {
        return Err(c.expected(What::Literal("zone")));
    }
    let zone = ZoneRef { kind: c.zone()?, node };
    let mut counts = [0; Order::COUNT];
    let mut wrong = None;
    for (order, slot) in (0u32..).zip(&mut counts) {
        if c.done() && order > 0 {
            break;
        }
        let span = c.span();
        c.mark(Part::Value(order), span);
        match c.number_u32(What::Count, 0, MAX_FRAMES_IMPORTED) {
            Ok(count) => *slot = count,
            // A word that is no number ends the row; a number that is too large does not.
            Err(Wrong) if c.span() == span => return Err(Wrong),
            Err(Wrong) => wrong = Some(Wrong),
        }
    }
    wrong.map_or(Ok(Statement::BuddyInfo { zone, counts }), Err)
}

fn free_list(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let zone = c.zone_ref()?;
    let order = c.order(0)?;
    let migratetype = c.migratetype()?;
    Ok(Statement::FreeList { zone, order, migratetype, pfns: frames(c)? })
}

/// Digits, and `digit*count` for runs.
fn pageblocks(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let zone = c.zone_ref()?;
    let mut runs: Vec<Run> = Vec::new();
    let mut add = |digit: char, count: u32| {
        let migratetype = MigrateType::from_raw(digit.to_digit(10)? as u8)?;
        match runs.last_mut().filter(|run| run.migratetype == migratetype) {
            Some(run) => run.count = run.count.saturating_add(count),
            None => runs.push(Run { migratetype, count }),
        }
        Some(())
    };
    while let Some(word) = c.peek_word() {
        let all = word.chars().all(|digit| ('0'..='5').contains(&digit));
        if !all {
            return Err(c.expected(What::PageblockDigits));
        }
        let word_span = c.span();
        c.skip();
        if !c.sign('*') {
            word.chars().for_each(|digit| {
                let _ = add(digit, 1);
            });
            continue;
        }
        if word.len() > 1 {
            // `0022*8`: eight of what?
            return Err(c.report(
                word_span,
                Kind::Expected {
                    what: What::PageblockDigits,
                    found: Some(format!("{}*", shortened(word))),
                    suggestion: Some(format!(
                        "{} {}*",
                        shortened(&word[..word.len() - 1]),
                        &word[word.len() - 1..]
                    )),
                },
            ));
        }
        let count = c.number_u32(What::Number, 1, MAX_FRAMES_IMPORTED)?;
        word.chars().for_each(|digit| {
            let _ = add(digit, count);
        });
    }
    if runs.is_empty() || !c.done() {
        return Err(c.expected(What::PageblockDigits));
    }
    Ok(Statement::Pageblocks { zone, runs })
}

/// `for i in 0..63 step 2`
fn for_loop(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let variable = c.name(What::Variable)?.to_owned();
    if !c.keyword("in") {
        return Err(c.expected(What::Literal("in")));
    }
    let most = Index::MAX_NUMBER as u32;
    let from_span = c.span();
    let from = c.number_u32(What::Range, 0, most)?;
    if c.peek() != Some(&TokenKind::Range) {
        return Err(c.expected(What::Literal("..")));
    }
    c.skip();
    let to = c.number_u32(What::Range, 0, most)?;
    let range = from_span.to(c.last_span());
    c.mark(Part::Range, range);
    let step = if c.keyword("step") { c.number_u32(What::Number, 1, most)? } else { 1 };
    if to < from {
        return Err(c.report(range, Kind::EmptyRange { from: u64::from(from), to: u64::from(to) }));
    }
    Ok(Statement::For(For { variable, from, to, step }))
}

/// `a = alloc …` and `w = workload …`.
fn request(c: &mut Cursor<'_, '_>) -> Parsed<Statement> {
    let span = c.span();
    let found = c.peek_word().unwrap_or_default();
    let target = c.target()?;
    if !c.sign('=') {
        if target.index.is_some() {
            return Err(c.expected(What::Literal("=")));
        }
        let suggestion = nearest(found, KEYWORDS.iter().copied()).map(str::to_owned);
        return Err(c.report(span, Kind::UnknownStatement { found: shortened(found), suggestion }));
    }
    match REQUESTS[c.choice(What::Request, &REQUESTS)?] {
        "alloc" => alloc(c, target),
        "workload" => workload(c, target),
        word @ ("file" | "exec" | "fork" | "thread" | "mmap" | "malloc" | "calloc" | "realloc") => {
            super::process::request(c, target, word)
        }
        "cgroup" => super::files::group(c, target),
        "cpuset" => super::process::cpuset(c, target),
        word @ ("device" | "dma_alloc_coherent" | "dma_map") => super::dma::request(c, target, word),
        word @ ("cma_alloc" | "alloc_contig_range") => super::cma::request(c, target, word),
        word => super::kmem::request(c, target, word),
    }
}

/// Sets an option that may stand only once.
pub(super) fn once<T>(c: &mut Cursor<'_, '_>, name: &str, slot: &mut Option<T>, value: T) -> Parsed<()> {
    if slot.is_some() {
        let span = c.last_span();
        return Err(c.report(span, Kind::RepeatedOption { name: name.into() }));
    }
    *slot = Some(value);
    Ok(())
}

/// The options of a request as they come.
#[derive(Default)]
struct Options {
    size: Option<Size>,
    /// And the word.
    kind: Option<(PageKind, Span)>,
    zone: Option<(ZoneKind, Span)>,
    /// `atomic` or `nowait`.
    cannot_wait: Option<(Flags, Span)>,
    gfp: Option<(GfpFlags, Span)>,
    cpu: Option<u8>,
    real: Option<u32>,
    by: Option<Target>,
}

fn alloc(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 14] = [
        "order",
        "pages",
        "unmovable",
        "movable",
        "reclaimable",
        "anon",
        "file",
        "atomic",
        "nowait",
        "zone",
        "gfp",
        "cpu",
        "real",
        "by",
    ];
    let mut options = Options::default();
    let wrong = each_option(c, |c| alloc_option(c, &WORDS, &mut options)).is_err();
    if options.size.is_none() && !wrong {
        return Err(c.expected(What::Size));
    }
    let flags = flags(c, &options);
    let (Some(size), false, Ok((kind, flags))) = (options.size, wrong, flags) else { return Err(Wrong) };
    let zone = options.zone.map(|(zone, _)| zone);
    let (cpu, real, by) = (options.cpu.unwrap_or(0), options.real, options.by.map(Box::new));
    Ok(Statement::Alloc(Alloc { target, size, kind, zone, flags, cpu, real, by }))
}

/// What the pages are for and the flags, once they go together.
fn flags(c: &mut Cursor<'_, '_>, options: &Options) -> Parsed<(PageKind, Flags)> {
    let said = options.kind.map(|(kind, _)| kind);
    let Some((gfp, span)) = options.gfp else {
        let flags = options.cannot_wait.map_or(Flags::Usual, |(flags, _)| flags);
        return Ok((said.unwrap_or(PageKind::Unmovable), flags));
    };
    if gfp.names_two_zones() {
        return Err(c.report(span, Kind::FlagsNameTwo { zones: true }));
    }
    if gfp.names_two_types() {
        return Err(c.report(span, Kind::FlagsNameTwo { zones: false }));
    }
    if let Some((_, span)) = options.zone {
        return Err(c.report(span, Kind::FlagsSayIt { option: "zone=" }));
    }
    if let Some((flags, span)) = options.cannot_wait {
        let option = if flags == Flags::Atomic { "atomic" } else { "nowait" };
        return Err(c.report(span, Kind::FlagsSayIt { option }));
    }
    if let Some((kind, span)) = options.kind
        && kind.usual_flags().migratetype() != gfp.migratetype()
    {
        let (word, flags) = (kind_word(kind), kind_word(Flags::kind(gfp)));
        return Err(c.report(span, Kind::FlagsDisagree { word, flags }));
    }
    Ok((said.unwrap_or(Flags::kind(gfp)), Flags::Given(gfp)))
}

fn alloc_option(c: &mut Cursor<'_, '_>, words: &[&str], options: &mut Options) -> Parsed<()> {
    let Some(word) = c.word() else { return Err(c.expected(What::Size)) };
    let span = c.last_span();
    match word {
        "order" => {
            c.equals()?;
            let span = c.span();
            c.mark(Part::Size, span);
            let order = c.number(What::Order, 0, u64::from(u8::MAX))? as u8;
            once(c, "order", &mut options.size, Size::Order(order))
        }
        "pages" => {
            c.equals()?;
            let span = c.span();
            c.mark(Part::Size, span);
            let pages = c.number_u32(What::Pages, 1, MAX_FRAMES_IMPORTED)?;
            once(c, "pages", &mut options.size, Size::Pages(pages))
        }
        "zone" => {
            c.equals()?;
            let value = c.zone()?;
            once(c, "zone", &mut options.zone, (value, span))
        }
        "gfp" => {
            c.equals()?;
            let value = c.gfp()?;
            c.mark(Part::Zone, value.1);
            once(c, "gfp", &mut options.gfp, value)
        }
        "cpu" => {
            c.equals()?;
            let value = c.cpu()?;
            once(c, "cpu", &mut options.cpu, value)
        }
        "real" => {
            c.equals()?;
            let value = c.number_u32(What::Pfn, 0, u32::MAX)?;
            once(c, "real", &mut options.real, value)
        }
        "by" => {
            c.equals()?;
            let value = c.target_of(What::Process, Part::By)?;
            once(c, "by", &mut options.by, value)
        }
        "atomic" => once(c, word, &mut options.cannot_wait, (Flags::Atomic, span)),
        "nowait" => once(c, word, &mut options.cannot_wait, (Flags::Nowait, span)),
        word => match kind_from_word(word) {
            Some(value) => once(c, word, &mut options.kind, (value, span)),
            None => Err(unknown_option(c, word, words)),
        },
    }
}

fn workload(c: &mut Cursor<'_, '_>, target: Target) -> Parsed<Statement> {
    const WORDS: [&str; 9] =
        ["orders", "unmovable", "movable", "reclaimable", "anon", "file", "free", "zone", "cpu"];
    let actions = c.number_u32(What::Actions, 1, mm::limits::MAX_WORKLOAD_ACTIONS)?;
    let (mut orders, mut weights, mut free, mut zone, mut cpu) = (None, [None; 5], None, None, None);
    each_option(c, |c| {
        workload_option(c, &WORDS, &mut orders, &mut weights, &mut free, &mut zone, &mut cpu)
    })?;
    let weights = weights.map(Option::unwrap_or_default);
    if weights == [0; 5] {
        return Err(c.expected(What::Weight));
    }
    let orders = orders.unwrap_or((Order::ZERO, Order::ZERO));
    Ok(Statement::Workload(Workload {
        target,
        actions,
        orders,
        weights,
        free_percent: free.unwrap_or(0),
        zone,
        cpu: cpu.unwrap_or(0),
    }))
}

fn workload_option(
    c: &mut Cursor<'_, '_>,
    words: &[&str],
    orders: &mut Option<(Order, Order)>,
    weights: &mut [Option<u8>; 5],
    free: &mut Option<u8>,
    zone: &mut Option<ZoneKind>,
    cpu: &mut Option<u8>,
) -> Parsed<()> {
    let Some(word) = c.word() else { return Err(c.expected(What::Weight)) };
    match word {
        "orders" => {
            c.equals()?;
            let from = c.span();
            let low = c.order(0)?;
            let high = if c.peek() == Some(&TokenKind::Range) {
                c.skip();
                c.order(0)?
            } else {
                low
            };
            if high < low {
                let span = from.to(c.last_span());
                let (from, to) = (u64::from(low.get()), u64::from(high.get()));
                return Err(c.report(span, Kind::EmptyRange { from, to }));
            }
            once(c, "orders", orders, (low, high))
        }
        "free" => {
            c.equals()?;
            let value = c.number(What::Percent, 0, 100)? as u8;
            once(c, "free", free, value)
        }
        "zone" => {
            c.equals()?;
            let value = c.zone()?;
            once(c, "zone", zone, value)
        }
        "cpu" => {
            c.equals()?;
            let value = c.cpu()?;
            once(c, "cpu", cpu, value)
        }
        word => match PageKind::ASKABLE.into_iter().position(|kind| kind_word(kind) == word) {
            Some(at) => {
                c.equals()?;
                let value = c.number(What::Weight, 0, u64::from(u8::MAX))? as u8;
                once(c, word, &mut weights[at], value)
            }
            None => Err(unknown_option(c, word, words)),
        },
    }
}

pub(super) fn unknown_option(c: &mut Cursor<'_, '_>, word: &str, words: &[&str]) -> Wrong {
    let suggestion = nearest(word, words.iter().copied()).map(str::to_owned);
    let span = c.last_span();
    c.report(span, Kind::UnknownOption { found: shortened(word), suggestion })
}

/// The options up to the end of the line, in any order; wrong, and each of them said, when one is.
pub(super) fn each_option<'s, 'd>(
    c: &mut Cursor<'s, 'd>,
    mut option: impl FnMut(&mut Cursor<'s, 'd>) -> Parsed<()>,
) -> Parsed<()> {
    let mut wrong = false;
    while !c.done() {
        let option = option(c);
        wrong |= resync(c, option);
    }
    if wrong { Err(Wrong) } else { Ok(()) }
}

/// After a wrong option goes on with the next one, so that every error of the line is found. True: it was wrong.
fn resync(c: &mut Cursor<'_, '_>, option: Parsed<()>) -> bool {
    if option.is_ok() {
        return false;
    }
    // What belongs to the wrong option: everything up to the next word that stands apart.
    while !c.done() && (c.peek_word().is_none() || c.touches()) {
        c.skip();
    }
    true
}
