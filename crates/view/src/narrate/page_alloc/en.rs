//! The English sentences.

use mm::mmzone::ZoneId;
use mm::op::{NameId, Sysctl, Workload};
use mm::page::{Block, MigrateType};
use mm::replay::Recorded;
use mm::step::{NotModelled, Nothing, SkipReason, WatermarkVerdict};
use mm::util::Overcommit;
use mm::{AllocFlags, CpuId, Op, Order, Pfn, StepKind};

use super::super::en::{En, count, frames, list, pages, span, this_op, wanted};
use super::super::words::type_name;
use super::super::{Sentence, Told, Words, num, told};
use super::{Moved, PcpList, Test, Voice, sysctl};

/// `CPU 0's order-0 MOVABLE list`, with its zone when there are several.
fn cpu_list(w: &Words, list: PcpList) -> String {
    let PcpList { zone, cpu, order, migratetype } = list;
    let of = w.zone_of_list(zone).map_or(String::new(), |zone| format!(" of {zone}"));
    format!("CPU {}'s order-{order} {} list{of}", cpu.0, type_name(migratetype))
}

impl Voice for En {
    fn skipped(w: &Words, name: NameId, reason: SkipReason) -> Told {
        let (op, name) = (this_op(w), w.name(name));
        let (what, why) = match reason {
            SkipReason::AllocationFailed => (
                format!("{name} has nothing to give back"),
                "Its allocation had failed, so no block has that name.",
            ),
            SkipReason::AlreadyFreed => (
                format!("{name} was freed before"),
                "Freeing a block twice would corrupt the lists of a real kernel.",
            ),
            SkipReason::NotYetAllocated => {
                (format!("there is no {name} yet"), "Nothing was allocated under that name so far.")
            }
            SkipReason::OtherKind => {
                (format!("{name} is something else"), "The name stands for what this op does not work on.")
            }
            SkipReason::StillHeld => (
                format!("{name} still holds memory"),
                "A second allocation under that name would lose the first.",
            ),
        };
        told(
            (format!("Skipped{op}: {what}."), why),
            (format!("Skip{op}: {what}."), why),
            format!("skipped: {what}"),
        )
    }

    fn nothing_to_do(w: &Words, why: Nothing) -> Told {
        let (before, it, after, why) = match why {
            Nothing::NoCpuPages => (
                "no CPU has a page on its lists",
                String::new(),
                "",
                "Only what the CPUs keep can be given back.",
            ),
            Nothing::NoPageblock(pfn) => (
                "no zone has all of the pageblock of frame ",
                num(pfn.0),
                "",
                "Only a whole one can be isolated or given back.",
            ),
            Nothing::IsIsolated(pageblock) => (
                "the pageblock of ",
                frames(w, pageblock),
                " is isolated already",
                "Whoever comes second gets EBUSY.",
            ),
            Nothing::NotIsolated(pageblock) => (
                "the pageblock of ",
                frames(w, pageblock),
                " is not isolated",
                "Only an isolated one can be given back.",
            ),
            Nothing::NoReaper => (
                "SLUB has no reaper",
                String::new(),
                "",
                "It has no arrays to empty: memory comes back when a slab is empty, or with shrink.",
            ),
            Nothing::NotFollowed => (
                "the recorded event moves nothing here",
                String::new(),
                "",
                "It moves no block, or none that is here.",
            ),
        };
        let rest = format!("{}: {before}{it}{after}", this_op(w));
        told((format!("Skipped{rest}."), why), (format!("Skip{rest}."), why), format!("skipped{rest}"))
    }

    fn too_large(_: &Words, order: u8) -> Told {
        let why = "The largest block has order 10: 1024 frames, 4 MiB.";
        told(
            (format!("The kernel refused order {order} at once: the caller gets NULL."), why),
            (format!("Refuse order {order} at once, without a look at the lists."), why),
            format!("order {order} is refused: the largest is 10"),
        )
    }

    fn fallback_found(w: &Words, block: Block, from: MigrateType, to: MigrateType, largest: bool) -> Told {
        let (frames, from) = (frames(w, block), type_name(from));
        let (which, why) = if largest {
            (
                "the largest that another type has",
                "Largest first, so that types mix in as few places as possible.",
            )
        } else {
            (
                "the smallest that will do",
                "Movable pages can leave again, so they had better not spoil a large block.",
            )
        };
        told(
            (format!("Picked {frames} from {from}: {which}."), why),
            (format!("Pick {frames} from {from}: {which}."), why),
            format!("{} falls back to {from} block {}", type_name(to), num(block.pfn.0)),
        )
    }

    fn claim_pageblocks(w: &Words, block: Block, to: MigrateType) -> Told {
        let (frames, to) = (frames(w, block), type_name(to));
        let many = count(w.pageblocks(block), "whole pageblock", "whole pageblocks");
        let why = "It is all free, so no page of the old type stays behind in it.";
        told(
            (format!("Marked {frames} as {to}: {many}."), why),
            (format!("Mark {frames} as {to}: {many}."), why),
            format!("mark {} as {to}", span(w, block)),
        )
    }

    fn move_free_pages(w: &Words, moved: &Moved) -> Told {
        let Moved { pageblock, free, alike, from, to, claimed } = *moved;
        let (block, to, from) = (w.span(pageblock), type_name(to), type_name(from));
        let pages = match free {
            1 => "the only free page".into(),
            _ => format!("all {} free pages", num(free)),
        };
        let (sum, half) = (free + alike, pageblock.order.pages() / 2);
        let alike = if alike > 0 { format!(" + {} alike = {}", num(alike), num(sum)) } else { String::new() };
        let why = match (claimed, sum >= half) {
            (true, true) if from == to => format!("{free} free{alike}, at least half: it stays {to}."),
            (true, true) => format!("{free} free{alike}, at least half: it turns {to}."),
            (true, false) => "Pages are not grouped by mobility, so it changes its type at once.".into(),
            (false, _) => format!("{free} free{alike}, less than half: it stays {from}."),
        };
        let end = if claimed { format!("it is {to} now") } else { format!("it stays {from}") };
        told(
            (format!("Moved {pages} of pageblock {block} to the {to} lists."), &*why),
            (format!("Move {pages} of pageblock {block} to the {to} lists."), &*why),
            format!("move {pages} of pageblock {block} to {to}; {end}"),
        )
    }

    fn move_block(w: &Words, zone: ZoneId, block: Block, from: MigrateType, to: MigrateType) -> Told {
        let (from, list) = (type_name(from), list(w, zone, block.order, to));
        let why = match w.before() {
            Some(StepKind::ClaimPageblocks { .. }) => {
                "The pageblock changed its type, and its free block follows."
            }
            _ if w.too_small_to_claim(block, to) => {
                "It is too small to claim the whole pageblock, so it moves alone."
            }
            _ => "Its pageblock keeps its type; only this block moves.",
        };
        told(
            (format!("Moved {} from {from} to the tail of {list}.", frames(w, block)), why),
            (
                format!("Move {} from {from} to the tail of {list}.", frames(w, block)),
                "Then the search starts over and finds it.",
            ),
            format!("move {} from {from} to the tail of {list}", span(w, block)),
        )
    }

    fn watermark(w: &Words, test: &Test) -> Told {
        let &Test { zone, order, mark, flags, free, min, reserve, verdict } = test;
        let zone = w.zone(zone);
        let is_lowered = flags.has(AllocFlags::MIN_RESERVE) || flags.has(AllocFlags::OOM);
        let mark = if is_lowered { format!("{} lowered to", mark.name()) } else { mark.name().to_owned() };
        let (free, min, reserve) = (num(free), num(min), num(reserve));
        let against = format!("{mark} {min} + reserve {reserve}");
        let ignores = flags.has(AllocFlags::NO_WATERMARKS) && verdict != WatermarkVerdict::Ok;
        let verdict = match verdict {
            _ if ignores => "goes all the same".into(),
            WatermarkVerdict::Ok => "enough".into(),
            WatermarkVerdict::TooFew => "not enough".to_owned(),
            WatermarkVerdict::NoBlock => format!("enough, but no block of order {order}"),
        };
        let why = if ignores {
            "No mark counts for it: it may take the last page."
        } else if is_lowered && !w.is_full() {
            "It may go below min."
        } else if flags.has(AllocFlags::OOM) {
            "A victim of the OOM killer may have half of min: it will give back more."
        } else if flags.has(AllocFlags::MIN_RESERVE) && flags.has(AllocFlags::NON_BLOCK) {
            "It is urgent: 5/8 of min are open to it."
        } else if flags.has(AllocFlags::MIN_RESERVE) {
            "It is urgent: half of min is open to it."
        } else if order > Order::ZERO && w.is_full() {
            "More than the sum has to be left."
        } else {
            "More than the sum has to be free."
        };
        told(
            (format!("{zone} has {free} free; {against}: {verdict}."), why),
            (format!("Measure {zone}: {free} free; {against}."), why),
            format!("{zone}: {free} free, {against}: {verdict}"),
        )
    }

    fn pcp_empty(w: &Words, list: PcpList, blocks: u32) -> Told {
        let of = cpu_list(w, list);
        let many = count(blocks, "block", "blocks");
        let why = "Many at once under one lock; no mark is looked at again.";
        told(
            (format!("{of} is empty: a refill of {many} began."), why),
            (format!("{of} is empty: refill it with {many}."), why),
            format!("{of} is empty: refill with {many}"),
        )
    }

    fn pcp_append(w: &Words, list: PcpList, block: Block) -> Told {
        let (frames, of) = (frames(w, block), cpu_list(w, list));
        let why = "So blocks leave in the order in which the free lists gave them.";
        told(
            (format!("Put {frames} at the tail of {of}."), why),
            (format!("Put {frames} at the tail of {of}."), why),
            format!("put {} at the tail of {of}", span(w, block)),
        )
    }

    fn pcp_refilled(w: &Words, list: PcpList, blocks: u32, held: u32) -> Told {
        let PcpList { zone, cpu, .. } = list;
        let (zone, cpu) = (w.zone(zone), cpu.0);
        if blocks == 0 {
            let why = "The free lists are asked directly next, which helps only some requests.";
            return told(
                (format!("The refill of CPU {cpu} got nothing."), why),
                (format!("The refill of CPU {cpu} gets nothing."), why),
                format!("the refill of CPU {cpu} got nothing"),
            );
        }
        let many = count(blocks, "block", "blocks");
        let why = format!("Only now do they stop counting as free in {zone}.");
        let has = format!("it keeps {} of {zone}", pages(held));
        told(
            (format!("CPU {cpu} got {many}: {has} now."), &*why),
            (format!("CPU {cpu} has got {many}: {has} now."), &*why),
            format!("CPU {cpu} got {many}: {has}"),
        )
    }

    fn pcp_take(w: &Words, list: PcpList, block: Block, held: u32) -> Told {
        let (frames, of, cpu) = (frames(w, block), cpu_list(w, list), list.cpu.0);
        let left = match held {
            0 => format!("CPU {cpu} keeps nothing more of this zone."),
            held => format!("CPU {cpu} still keeps {} of this zone.", pages(held)),
        };
        told(
            (format!("Took {frames} off {of}: it was the head."), left),
            (format!("Take the head of {of}, {frames}."), "The list is this CPU's own: no lock of the zone."),
            format!("take {}, the head of {of}", span(w, block)),
        )
    }

    fn pcp_put(w: &Words, list: PcpList, block: Block, held: u32, high: u32) -> Told {
        let (frames, of, cpu) = (frames(w, block), cpu_list(w, list), list.cpu.0);
        let has = pages(held);
        let why = match high {
            0 => format!("CPU {cpu} keeps {has}; its limit counts as 0: all goes back."),
            high if held >= high => {
                format!("CPU {cpu} keeps {has}; the limit is {}: some go back.", num(high))
            }
            high => format!("CPU {cpu} keeps {has}; from {} on some go back.", num(high)),
        };
        told(
            (format!("Put {frames} at the head of {of}."), &*why),
            (format!("Put {frames} at the head of {of}."), &*why),
            format!("put {} at the head of {of}", span(w, block)),
        )
    }

    fn pcp_drain_begins(w: &Words, zone: ZoneId, cpu: CpuId, held: u32, back: u32) -> Told {
        let name = w.zone(zone);
        let (held, back) = (pages(held), num(back));
        let is_all = matches!(w.op(), Some((_, Op::Drain)));
        let did_why = match w.next_drain(zone, cpu).filter(|_| !is_all) {
            _ if is_all => "The whole of it, so that blocks can merge again.".into(),
            Some(next) => {
                format!("The coldest first, from the tails. Another drain in a row would take {}.", num(next))
            }
            None => "The coldest first, from the tails.".into(),
        };
        told(
            (format!("CPU {} has {held} of {name}: {back} go back to the free lists.", cpu.0), did_why),
            (
                format!("CPU {} has {held} of {name}: give back {back}.", cpu.0),
                "The coldest first, from the tails of its lists.",
            ),
            format!("CPU {} gives back {back} of {held}", cpu.0),
        )
    }

    fn pcp_drain(w: &Words, list: PcpList, block: Block) -> Told {
        let PcpList { cpu, order, migratetype, .. } = list;
        let (frames, cpu, to) = (frames(w, block), cpu.0, type_name(migratetype));
        let why = format!("The coldest one, for the {to} lists: its type when it was freed.");
        told(
            (format!("Took {frames} off the tail of an order-{order} list of CPU {cpu}."), &*why),
            (format!("Take {frames} off the tail of an order-{order} list of CPU {cpu}."), &*why),
            format!("take {} off the tail of an order-{order} list of CPU {cpu}", span(w, block)),
        )
    }

    fn boost(w: &Words, zone: ZoneId, boost: u32, max: u32) -> Told {
        let (zone, boost, max) = (w.zone(zone), num(boost), num(max));
        let why = "kswapd shall free more, so that types are mixed less.";
        told(
            (format!("Types are mixed: the marks of {zone} stand {boost} higher, of at most {max}."), why),
            (format!("Types are mixed: raise the marks of {zone} by {boost}, of at most {max}."), why),
            format!("boost of {zone}: {boost} pages of at most {max}"),
        )
    }

    fn wake_kswapd(w: &Words, zone: ZoneId, order: Order) -> Told {
        let (node, zone) = (w.node(zone), w.zone(zone));
        let why = match (order, w.config().reclaim.is_some()) {
            (Order::ZERO, true) => {
                "It reclaims pages until a zone is above high; the request goes on meanwhile.".into()
            }
            (_, true) => format!("It reclaims pages until there is a block of order {order}."),
            (Order::ZERO, false) => {
                "It is to free pages up to high. Its work is not part of this version.".to_owned()
            }
            _ => format!("It is to make a block of order {order}. Its work is not part of this version."),
        };
        told(
            (format!("Woke kswapd of node {node}, because of zone {zone}."), &*why),
            (format!("Wake kswapd of node {node}, because of zone {zone}."), &*why),
            format!("wake kswapd of node {node} because of {zone}"),
        )
    }

    fn slow_path(_: &Words, flags: AllocFlags) -> Told {
        let high = flags.has(AllocFlags::MIN_RESERVE);
        let why = match (high, flags.has(AllocFlags::NON_BLOCK)) {
            (true, true) => "It is urgent and cannot wait: 5/8 of min are open to it.",
            (true, false) => "It is urgent: half of min is open to it.",
            (false, true) => "It cannot wait, and may not go below min: only this one try is left.",
            (false, false) => "It may wait: later it can reclaim, compact, and in the end kill.",
        };
        told(
            ("No zone stood above low: from here on min counts.", why),
            ("No zone stands above low: go the slow path, where min counts.", why),
            "the slow path begins: min counts now",
        )
    }

    fn missing(_: &Words, what: NotModelled) -> Told {
        let (what, why) = match what {
            NotModelled::DirectCompact => {
                ("direct compaction", "It would move pages together to make a block that is large enough.")
            }
            NotModelled::DirectReclaim => {
                ("direct reclaim", "The task itself would give up cached pages and write out others.")
            }
            NotModelled::OutOfMemory => {
                let why = "It would panic then. Here only the request fails.";
                return told(
                    ("Here a kernel looks for a process to kill, and there is none.", why),
                    ("Now a kernel looks for a process to kill, and there is none.", why),
                    "there is no process to kill",
                );
            }
        };
        told(
            (format!("Here a kernel calls {what}; this version does not have it yet."), why),
            (format!("Now a kernel calls {what}; this version does not have it yet."), why),
            format!("{what} is not modelled: it gives nothing"),
        )
    }

    fn reserve_highatomic(w: &Words, zone: ZoneId, pageblock: Block, reserved: u32, max: u32) -> Told {
        let (zone, block) = (w.zone(zone), w.span(pageblock));
        let why = format!("{zone} keeps {} pages so, of at most {}.", num(reserved), num(max));
        told(
            (format!("Set pageblock {block} aside for urgent requests of order 1 and more."), &*why),
            (format!("Set pageblock {block} aside for urgent requests of order 1 and more."), &*why),
            format!("set pageblock {block} aside as HIGHATOMIC"),
        )
    }

    fn unreserve_highatomic(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told {
        let (block, to) = (w.span(pageblock), type_name(to));
        let why = "Otherwise the request would fail.";
        told(
            (format!("Gave up the reserved pageblock {block}: {to} now, with {} free.", pages(free)), why),
            (
                format!("Give up the reserved pageblock {block}: make it {to}, with {} free.", pages(free)),
                why,
            ),
            format!("give up HIGHATOMIC pageblock {block}: {to}"),
        )
    }

    fn written(w: &Words, write: &Sysctl) -> Told {
        let (file, value) = sysctl(w.config(), write);
        let why = match write {
            Sysctl::MinFreeKbytes(_) => "All zones share it: their marks and the CPUs' limits are new.",
            Sysctl::WatermarkScaleFactor(_) => "The distance from min to low and high follows from it.",
            Sysctl::WatermarkBoostFactor(_) => "So far may the marks rise when types are mixed; 0 is never.",
            Sysctl::LowmemReserveRatio(_) => "What lower zones keep back is new.",
            Sysctl::PercpuPagelistHighFraction(_) => "What a CPU may keep of each zone is new.",
            Sysctl::OvercommitMemory(Overcommit::Guess) => "Only what is more than all memory is refused.",
            Sysctl::OvercommitMemory(Overcommit::Always) => "Any promise is made.",
            Sysctl::OvercommitMemory(Overcommit::Never) => "All promises together stay below a limit.",
            Sysctl::PanicOnOom(0) => "When memory has run out, somebody is killed.",
            Sysctl::PanicOnOom(_) => "When memory has run out, the kernel stops and kills nobody.",
            Sysctl::OomKillAllocatingTask(0) => "When memory has run out, the worst one goes.",
            Sysctl::OomKillAllocatingTask(_) => "When memory has run out, whoever asks goes.",
            Sysctl::OvercommitRatio(_) => "It counts in mode 2: so much of memory may be promised.",
            Sysctl::Swappiness(_) => "So much of 200 is what anon pages weigh against those of files.",
            Sysctl::VfsCachePressure(_) => {
                "So many per cent of the unused dentries and inodes are what a shrinker sees."
            }
            Sysctl::DirtyRatio(_) => "With more per cent dirty, whoever writes has to wait.",
            Sysctl::DirtyBackgroundRatio(_) => "With more per cent dirty, the flusher works.",
            Sysctl::ZoneReclaimMode(0) => "What one node lacks, another one gives.",
            Sysctl::ZoneReclaimMode(_) => "A near node's page cache goes before a far node is asked.",
            Sysctl::PageCluster(_) => "At most 2 to this many pages are read from swap at once.",
        };
        told(
            (format!("Wrote {value} to {file}."), why),
            (format!("Write {value} to {file}."), why),
            format!("{file} = {value}"),
        )
    }

    fn isolate(w: &Words, pageblock: Block, from: MigrateType, free: u32) -> Told {
        let (block, from, free) = (frames(w, pageblock), type_name(from), num(free));
        let why = "Nobody takes from their lists, and they no longer count as free.";
        told(
            (format!("Isolated the {from} pageblock of {block}: {free} free pages."), why),
            (format!("Isolate the {from} pageblock of {block}: {free} free pages."), why),
            format!("isolated {block}"),
        )
    }

    fn isolate_refused(w: &Words, pageblock: Block, unmovable: Pfn) -> Told {
        let block = frames(w, pageblock);
        let why = format!("Frame {} cannot be moved away.", num(unmovable.0));
        told(
            (format!("The pageblock of {block} cannot be isolated."), why.clone()),
            (format!("The pageblock of {block} will not be isolated."), why),
            format!("not isolated: {block}"),
        )
    }

    fn unisolate(w: &Words, pageblock: Block, to: MigrateType, free: u32) -> Told {
        let (block, to, free) = (frames(w, pageblock), type_name(to), num(free));
        let why = "They count as free again, and can be taken.";
        told(
            (format!("Gave {block} back as a {to} pageblock: {free} free pages."), why),
            (format!("Give {block} back as a {to} pageblock: {free} free pages."), why),
            format!("given back {block}"),
        )
    }

    fn diverged(w: &Words, zone: ZoneId, block: Block, predicted: Option<Pfn>) -> Told {
        let (zone, frames) = (w.zone(zone), frames(w, block));
        let why = match predicted {
            Some(pfn) => {
                format!("The rules predict frame {}; from here on the model follows the kernel.", num(pfn.0))
            }
            None => "The rules predict that it fails; from here on the model follows the kernel.".into(),
        };
        told(
            (format!("The real kernel took {frames} of {zone} instead."), why.clone()),
            (format!("The real kernel takes {frames} of {zone} instead."), why),
            format!("diverged: {frames}"),
        )
    }

    fn workload_begins(w: &Words, workload: &Workload, first: &StepKind) -> Sentence {
        let name = w.name(workload.name);
        let first = match *first {
            StepKind::Request { order, .. } => format!("First it wants {}.", wanted(order)),
            _ => "First it gives something back.".into(),
        };
        let many = count(workload.actions, "random action", "random actions");
        Sentence::from((format!("{name} begins: {many}, {}% of them frees.", workload.free_percent), first))
    }

    fn pool_free_begins(w: &Words, name: NameId, blocks: u32, first: Block) -> Sentence {
        let name = w.name(name);
        let text = match blocks {
            1 => format!("{name} gives back its only block."),
            blocks => format!("{name} gives back its {} blocks, one after the other.", num(blocks)),
        };
        Sentence::from((text, format!("First {}.", frames(w, first))))
    }

    fn op_wants(w: &Words, op: &Op) -> String {
        match op {
            Op::Workload(Workload { actions, orders: (low, high), .. }) => {
                let many = count(*actions, "random action", "random actions");
                if low == high {
                    format!("does {many} of order {low}")
                } else {
                    format!("does {many} of orders {low} to {high}")
                }
            }
            Op::Drain => "every CPU gives its pages back".into(),
            Op::Isolate(pfn) => format!("isolates the pageblock of frame {}", num(pfn.0)),
            Op::Unisolate(pfn, to) => {
                format!("gives the pageblock of frame {} back as {}", num(pfn.0), type_name(*to))
            }
            Op::Recorded(Recorded::Alloc { order, .. }) => {
                format!("recorded: a kernel took {}", wanted(order.get()))
            }
            Op::Recorded(Recorded::Refill { .. }) => "recorded: a kernel refilled a per-CPU list".into(),
            Op::Recorded(Recorded::Free { block, .. }) => {
                format!("recorded: a kernel gave back {}", wanted(block.order.get()))
            }
            Op::Recorded(Recorded::Drain { .. }) => "recorded: a kernel drained per-CPU lists".into(),
            Op::Sysctl(write) => {
                let (file, value) = sysctl(w.config(), write);
                format!("writes {value} to {file}")
            }
            Op::Kmem(_)
            | Op::Process(_)
            | Op::Segment(_)
            | Op::File(_)
            | Op::Compact(_)
            | Op::Cma(_)
            | Op::Dma(_)
            | Op::Alloc { .. }
            | Op::Free { .. } => {
                unreachable!("they are told elsewhere")
            }
        }
    }
}
