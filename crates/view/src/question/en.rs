//! The questions in English.

use mm::Order;
use mm::hierarchy::Level;
use mm::op::NameId;
use mm::page::{Block, MigrateType};
use mm::process::Pattern;
use mm::step::WatermarkVerdict;
use scenario::Lang;

use super::{
    Ask, ChunkFrom, Claim, CpuList, End, Fate, Freed, Goes, Mistake, Note, ObjectTo, Source, Verdict, cma,
    compact, dma, huge, oom, reclaim, segmentation,
};
use crate::faults::Leaf;
use crate::hierarchy::Spot;
use crate::narrate::{Words, num, type_name};
use mm::process::Access;

fn who(w: &Words, name: Option<NameId>) -> String {
    name.map_or("The request".into(), |name| w.name(name).into_owned())
}

fn count(number: u32, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", num(number)) }
}

/// `frame 25`, `frames 512–1023`
fn frames(w: &Words, block: Block) -> String {
    let noun = if block.order == Order::ZERO { "frame" } else { "frames" };
    if w.first_frame_only() && block.order > Order::ZERO {
        return format!("block {}", num(block.pfn.0));
    }
    format!("{noun} {}", w.span(block))
}

fn times(order: Order) -> String {
    if order.get() == 1 { "once".into() } else { format!("{order} times") }
}

fn capital(text: String) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

fn list(order: Order, migratetype: MigrateType) -> String {
    format!("{} list {order}", type_name(migratetype))
}

fn cpu_list(w: &Words, list: &CpuList) -> String {
    let CpuList { cpu, order, migratetype, .. } = *list;
    if w.first_frame_only() {
        return format!("CPU {}'s order-{order} list", cpu.0);
    }
    format!("CPU {}'s order-{order} {} list", cpu.0, type_name(migratetype))
}

pub(super) fn ask(w: &Words, ask: &Ask) -> String {
    match *ask {
        Ask::List { who: name, wanted, migratetype, .. } => format!(
            "{} wants order {wanted} from the {} lists. Which list will its block come from?",
            who(w, name),
            type_name(migratetype)
        ),
        Ask::Head { order, migratetype, blocks, .. } => {
            format!("There are {} blocks on {}. Which one is taken?", num(blocks), list(order, migratetype))
        }
        Ask::Half { block } => {
            format!("{} are cut in two. Which half stays in hand?", capital(frames(w, block)))
        }
        Ask::UpperHalf { block } => format!(
            "{} are cut in two; the lower half stays in hand. Where does the upper half go?",
            capital(frames(w, block))
        ),
        Ask::Buddy { block, buddy } => {
            format!("The buddy of {} would be {}. Will the two merge?", frames(w, block), w.span(buddy))
        }
        Ask::BuddyPlace { block } => format!("Which block is the buddy of {}?", frames(w, block)),
        Ask::MergeStart { halves: [a, b] } => {
            format!("Frames {} and {} merge. At which frame does the new block begin?", w.span(a), w.span(b))
        }
        Ask::MergeTo { who: name, block } => format!(
            "{} gives {} back, order {}. Which order will the block have in the end?",
            name.map_or("Somebody".into(), |name| w.name(name).into_owned()),
            frames(w, block),
            block.order
        ),
        Ask::Put { block, migratetype, .. } => format!(
            "{} {} no further. Where on {} does the block go?",
            capital(frames(w, block)),
            if block.order == Order::ZERO || w.first_frame_only() { "merges" } else { "merge" },
            list(block.order, migratetype)
        ),
        Ask::Cuts { who: name, block: None, wanted } => {
            format!("{} wants order {wanted}. How many cuts will it take?", who(w, name))
        }
        Ask::Cuts { block: Some(block), wanted, .. } => format!(
            "A block of order {} is taken, order {wanted} is wanted. How many cuts will it take?",
            block.order
        ),
        Ask::Given { who: Some(who) } => format!("Which frames will {} get?", w.name(who)),
        Ask::Given { who: None } => "Which frames will the request get?".into(),
        Ask::Served { who: name, order, many: false } => {
            format!("{} wants order {order}. Will it get its block?", who(w, name))
        }
        Ask::Served { who: name, order, many: true } => {
            format!("{} wants order {order}. Which zone will serve it?", who(w, name))
        }
        Ask::Watermark(m) => {
            let urgent = if m.pages != m.min { "an urgent request" } else { "a request" };
            format!(
                "{}: {} free, {} {}, reserve {}. Does {urgent} of order {} pass?",
                w.zone(m.zone),
                num(m.free),
                m.mark.name(),
                num(m.pages),
                num(m.reserve),
                m.order
            )
        }
        Ask::Refill { cpu, order, batch } => format!(
            "CPU {}'s order-{order} list is empty; its batch is {}. How many blocks does the refill bring?",
            cpu.0,
            count(batch, "page", "pages")
        ),
        Ask::PcpHead { list, blocks } => {
            format!("There are {} blocks on {}. Which one goes out?", num(blocks), cpu_list(w, &list))
        }
        Ask::PcpTail { list, blocks } => format!(
            "CPU {} gives pages back; {} has {} blocks. Which one goes first?",
            list.cpu.0,
            cpu_list(w, &list).replace(&format!("CPU {}'s", list.cpu.0), "its"),
            num(blocks)
        ),
        Ask::PcpPut { cpu, block } => {
            format!("CPU {} frees {}. Where does the block go?", cpu.0, frames(w, block))
        }
        Ask::PcpAppend { cpu, block } => {
            format!("The refill brings {}. Where on CPU {}'s list does it go?", frames(w, block), cpu.0)
        }
        Ask::Drain { zone, cpu, count, high, batch } => format!(
            "CPU {} keeps {} pages of {}; its limit is {}, its batch {}. How many go back now?",
            cpu.0,
            num(count),
            w.zone(zone),
            num(high),
            num(batch)
        ),
        Ask::Steal { migratetype, wanted } => format!(
            "{} has nothing for order {wanted}. Which block of another type is chosen?",
            type_name(migratetype)
        ),
        Ask::Pageblock { pageblock, to, sum: Some((free, alike)) } => {
            let alike = match alike {
                0 => String::new(),
                alike => format!(" and {} more are like {}", num(alike), type_name(to)),
            };
            format!(
                "Of pageblock {}, {} of {} pages are free{alike}. What becomes of it?",
                w.span(pageblock),
                num(free),
                num(pageblock.order.pages())
            )
        }
        Ask::Pageblock { pageblock, to, sum: None } => format!(
            "{} takes a block out of pageblock {}. What becomes of the pageblock?",
            type_name(to),
            w.span(pageblock)
        ),
        Ask::Fails { requests } => {
            format!("{} requests come next. Which is the first to fail?", num(requests))
        }
        Ask::Source { who: name, cpu, order } => {
            format!("{} wants order {order} on CPU {}. Where will its block come from?", who(w, name), cpu.0)
        }
        Ask::Marks { zone } => {
            format!("Types get mixed in a pageblock of {}. Do the zone's watermarks change?", w.zone(zone))
        }
        Ask::FaultEnds { process, access, address } => {
            let verb = match access {
                Access::Read => "reads",
                Access::Write => "writes to",
                Access::Exec => "executes",
            };
            format!("{} {verb} {address:#x} and gets a page fault. How does it end?", w.name(process))
        }
        Ask::ChunkFrom { process, bytes } => {
            format!(
                "{} asks malloc for {} bytes. Where does the chunk come from?",
                w.name(process),
                num(bytes)
            )
        }
        Ask::RssAfterFree { name, process, before } => format!(
            "{} is freed. {} has {} in memory: how many afterwards?",
            w.name(name),
            w.name(process),
            count(before, "page", "pages")
        ),
        Ask::WhoDies { .. } => oom::ask(w, ask, Lang::En),
        Ask::CmaEnds { .. } => cma::ask(Lang::En, w, ask),
        Ask::DmaEnds { .. } | Ask::Lends { .. } | Ask::Sees { .. } => dma::ask(Lang::En, w, ask),
        Ask::ScannersMeet { .. } | Ask::BlockTaken { .. } => compact::ask(Lang::En, w, ask),
        Ask::Collapses { .. }
        | Ask::CollapseRss { .. }
        | Ask::PoolGets { .. }
        | Ask::HugeGoes { .. }
        | Ask::HugeFrees { .. } => huge::ask(Lang::En, w, ask),
        Ask::PageFate { .. } | Ask::KswapdGoesOn { .. } | Ask::ShrinkGives { .. } => {
            reclaim::ask(Lang::En, w, ask)
        }
        Ask::SegmentEnds { .. } | Ask::SegmentLoads { .. } | Ask::SegmentEntry { .. } => {
            segmentation::ask(Lang::En, ask)
        }
        Ask::RssAfter { process, before } => format!(
            "{} has {} in memory and gets a page fault. How many pages has it afterwards?",
            w.name(process),
            count(before, "page", "pages")
        ),
        Ask::CpusForget { process, cpus } => format!(
            "Pages of {} are to be forgotten. How many of the {cpus} CPUs have to do it now?",
            w.name(process)
        ),
        Ask::References { process, address, levels } => format!(
            "{} uses {address:#x}; its tables have {levels} levels. How many entries of them are read?",
            w.name(process)
        ),
        Ask::Evicted { level, set, ways } => {
            format!("Set {set} of the L{level} TLB is full, with {ways} pages. Which one has to go?")
        }
        Ask::SizeClass { who: name, bytes } => format!(
            "{} wants {} from kmalloc. Which cache serves it?",
            who(w, name),
            count(bytes, "byte", "bytes")
        ),
        Ask::NextObject { cache, free } => format!(
            "{} has {} at hand on this CPU. Which one is handed out?",
            w.name(cache),
            count(free, "free object", "free objects")
        ),
        Ask::FreedObject { cpu, object } => format!(
            "CPU {} frees object {} of the slab at frame {}. Where does it go?",
            cpu.0,
            object.index,
            num(object.slab.0)
        ),
        Ask::EmptySlab { slab } => format!(
            "No object of the slab at frame {} is in use any more. Does the slab go back to the buddy system?",
            num(slab.0)
        ),
        Ask::Vmalloc { who: name, pages, largest } => format!(
            "{} wants {} from vmalloc; {}. Will it get them?",
            who(w, name),
            if pages == 1 { "1 page".into() } else { format!("{} pages", num(pages)) },
            largest.map_or("no block is free".into(), |order| format!(
                "the largest free block has order {order}"
            ))
        ),
        Ask::Addresses { who: name, pages } => format!(
            "{} needs addresses for {} and a guard page. Where do they begin?",
            who(w, name),
            if pages == 1 { "1 page".into() } else { format!("{} pages", num(pages)) },
        ),
        Ask::Sets { cpu, reads } => format!(
            "CPU {} reads {} next. In how many sets of its level-1 cache do they land?",
            cpu.0,
            count(reads, "word", "words")
        ),
        Ask::Line { cpu, name } => {
            format!("CPU {} reads {} once more. Is its line still in the level-1 cache?", cpu.0, w.name(name))
        }
        Ask::FoundIn { cpu, line, spot } => {
            format!("CPU {} asks for {}. Where is it found?", cpu.0, cache_line(w, line, spot))
        }
        Ask::Leaves { cpu, cache, set } => {
            format!("Set {set} of {} is full (CPU {}). Which line leaves?", cache.name(), cpu.0)
        }
        Ask::CacheMisses { process, references, scan } => {
            let how = match scan.pattern {
                Pattern::Rows { .. } => "row by row",
                Pattern::Columns { .. } => "column by column",
                Pattern::Stride { .. } => "in strides",
                Pattern::Random { .. } => "at random",
            };
            format!(
                "{} makes {} {how}. How many miss L1?",
                w.name(process),
                count(references, "reference", "references")
            )
        }
    }
}

pub(super) fn claim(w: &Words, claim: &Claim) -> String {
    match *claim {
        Claim::List(Some(order)) => format!("list {order}"),
        Claim::List(None) => "none: all too small".into(),
        Claim::Block(block, note) => {
            let span = w.span(block);
            match note {
                Note::None => span,
                Note::Lower => format!("{span}, the lower half"),
                Note::Upper => format!("{span}, the upper half"),
                Note::Whole => format!("{span}, all of it"),
                Note::Of(of) => format!("{span}, {}", type_name(of)),
            }
        }
        Claim::Order(order) => format!("order {order}"),
        Claim::Start(pfn) => format!("frame {}", num(pfn.0)),
        Claim::Goes(Goes::Head(order)) => format!("to the head of list {order}"),
        Claim::Goes(Goes::Tail(order)) => format!("to the tail of list {order}"),
        Claim::Goes(Goes::Back(order)) => format!("back on list {order}"),
        Claim::Goes(Goes::Caller) => "to the caller as well".into(),
        Claim::Buddy(verdict) => match verdict {
            Verdict::Merge => "yes",
            Verdict::InUse => "no: the buddy is in use",
            Verdict::OtherOrder => "no: it is free, in another size",
            Verdict::OtherZone => "no: it is in another zone",
            Verdict::OtherType => "no: its type may not mix",
            Verdict::NoMemory => "no: there is no such memory",
        }
        .into(),
        Claim::End(End::Head) => "at the head".into(),
        Claim::End(End::Tail) => "at the tail".into(),
        Claim::End(End::Sorted) => "in order of address".into(),
        Claim::Freed(Freed::CpuHead) => "the head of the CPU's list".into(),
        Claim::Freed(Freed::CpuTail) => "the tail of the CPU's list".into(),
        Claim::Freed(Freed::FreeLists) => "straight to the free lists".into(),
        Claim::Zone(Some(zone)) => w.zone(zone),
        Claim::Zone(None) => "none: it fails".into(),
        Claim::Served(true) => "yes".into(),
        Claim::Served(false) => "no: it fails".into(),
        Claim::Passes(WatermarkVerdict::Ok) => "yes".into(),
        Claim::Passes(WatermarkVerdict::TooFew) => "no: too few pages".into(),
        Claim::Passes(WatermarkVerdict::NoBlock) => "no: no block that large".into(),
        Claim::Fate(Fate::Whole, to) => format!("all of it becomes {}", type_name(to)),
        Claim::Fate(Fate::FreePages, _) => "only its free pages move over".into(),
        Claim::Fate(Fate::Block, _) => "only that block moves over".into(),
        Claim::Name(Some((name, order))) => format!("{}, order {order}", w.name(name)),
        Claim::Name(None) => "none of them".into(),
        Claim::Source(Source::OwnList) => "the CPU's own list".into(),
        Claim::Source(Source::Refill) => "that list, after a refill".into(),
        Claim::Source(Source::FreeLists) => "straight from the free lists".into(),
        Claim::Rises(true) => "yes: they rise for a while".into(),
        Claim::Rises(false) => "no: they are fixed".into(),
        Claim::Cache(cache) => w.name(cache).into_owned(),
        Claim::CacheOf(bytes) => format!("one made for {}", count(bytes, "byte", "bytes")),
        Claim::Object(object) => format!("object {}, slab at {}", object.index, num(object.slab.0)),
        Claim::ObjectTo(ObjectTo::Cpu) => "the head of the CPU's freelist".into(),
        Claim::ObjectTo(ObjectTo::Array) => "the end of the CPU's array".into(),
        Claim::ObjectTo(ObjectTo::Slab) => "its slab's list; the slab stays".into(),
        Claim::ObjectTo(ObjectTo::CpuPartial) => "its slab's list; the CPU takes the slab".into(),
        Claim::ObjectTo(ObjectTo::Buddy) => "its slab goes to the buddy system".into(),
        Claim::SlabGoes(true) => "yes: at once".into(),
        Claim::SlabGoes(false) => "no: the node keeps it".into(),
        Claim::Address(at) => format!("{at:x}"),
        Claim::Cma(_) => cma::claim(Lang::En, claim),
        Claim::Dma(_) | Claim::Lends(_) | Claim::Version(_) => dma::claim(Lang::En, claim),
        Claim::Meet(_) | Claim::Takes(_) => compact::claim(Lang::En, claim),
        Claim::Collapse(_) | Claim::HugeWhole(_) => huge::claim(Lang::En, claim),
        Claim::PageFate(_) | Claim::Kswapd(_) => reclaim::claim(Lang::En, claim),
        Claim::Linear(_) | Claim::Exception(_) | Claim::Loads(_) | Claim::TableEntry { .. } => {
            segmentation::claim(Lang::En, claim)
        }
        Claim::Fault(leaf) => match leaf {
            Leaf::NoArea => "SIGSEGV: no area".into(),
            Leaf::NotAllowed => "SIGSEGV: not allowed".into(),
            Leaf::Reused => "the page may be written to now".into(),
            Leaf::Copied | Leaf::PrivateCopy => "with a copy of the page".into(),
            Leaf::Cached => "a page of the file is mapped".into(),
            Leaf::Disk => "the disk is read first".into(),
            Leaf::BeyondFile => "SIGBUS".into(),
            Leaf::Zero => "with the zero page".into(),
            Leaf::Fresh => "with a zeroed frame of its own".into(),
            Leaf::Huge => "with a huge page, 2 MiB".into(),
            Leaf::PoolEmpty => "SIGBUS: the pool is empty".into(),
        },
        Claim::Chunk(from) => match from {
            ChunkFrom::Kept => "from a list of free chunks".into(),
            ChunkFrom::Top => "from the top of the heap".into(),
            ChunkFrom::Brk => "from the kernel, with brk".into(),
            ChunkFrom::Mmap => "from the kernel, with mmap".into(),
        },
        Claim::Dies(_) => oom::claim(w, claim),
        Claim::Page(page) => format!("{page:#x}"),
        Claim::LineThere(true) => "yes: a hit".into(),
        Claim::LineThere(false) => "no: a miss".into(),
        Claim::Found(level) => match level {
            Level::Dram => "in no cache: in DRAM".into(),
            Level::Disk => "on the disk".into(),
            level => format!("in {}", level.name()),
        },
        Claim::CacheLine(line, spot) => cache_line(w, line, spot),
    }
}

pub(super) fn mistake(w: &Words, mistake: &Mistake) -> String {
    match *mistake {
        Mistake::ExactKept { order } => format!(
            "“A block of the right size is always there”? List {order} is empty, so a larger one is cut."
        ),
        Mistake::LargestFirst => {
            "“The largest first”? Of its own type a request takes the smallest that will do.".into()
        }
        Mistake::AnyType { from } => format!(
            "“Any free block will do”? That one is {}; a request looks through its own type first.",
            type_name(from)
        ),
        Mistake::GivesUp => "“An empty list is the end”? A larger block can be cut.".into(),
        Mistake::NothingLeft { migratetype } => format!(
            "“Its own lists always do”? No {} list from there up has a block: other types are looked at next.",
            type_name(migratetype)
        ),
        Mistake::RoundsDown { order } => format!(
            "“A smaller one will do”? Blocks of order {order} are too small, and a request never joins blocks."
        ),
        Mistake::LowestAddress => {
            "“The lowest address first”? Lists are not sorted; who stands at the end counts, not where it lies."
                .into()
        }
        Mistake::TailFirst => {
            "“First come, first served”? A request takes the head; the tail is left alone the longest.".into()
        }
        Mistake::KeepsUpper => {
            "“The upper half goes on”? The lower half is kept: callers get the lowest frames.".into()
        }
        Mistake::PutsTail => {
            "“It queues up at the tail”? A half cut off becomes the head: it will be taken next.".into()
        }
        Mistake::StaysOnList => {
            "“It stays where it was”? It is half as large now, so it belongs one list lower.".into()
        }
        Mistake::GoesAlong => {
            "“The caller gets both”? Then nothing need be cut: only the lower half is for the request.".into()
        }
        Mistake::GetsWhole => {
            "“It gets the whole block”? It was cut down to the size that was asked for.".into()
        }
        Mistake::NoCut { order } => {
            format!("“A cut is always needed”? A block of order {order} was there, just the size wanted.")
        }
        Mistake::OneCut => "“One cut to size”? Each cut only halves, and the order falls by one.".into(),
        Mistake::CountsOrders => {
            "“One cut for each order”? Fence posts: from one order to the next it is one cut.".into()
        }
        Mistake::CountsPages => "“Both halves are cut on”? Only the half in hand is cut further.".into(),
        Mistake::HalfByHalf { from, to } => {
            format!("Each cut halves the block in hand: from order {from} to {to}, one for each order down.")
        }
        Mistake::AnyNeighbour { buddy } => format!(
            "“Any free neighbour merges”? Only the buddy does, {}: its number differs in one bit.",
            num(buddy.0)
        ),
        Mistake::WrongSide { buddy } => format!(
            "“The neighbour in use stops it”? That one is not the buddy; {} is, and it is free.",
            num(buddy.0)
        ),
        Mistake::StillHeld { name: Some(name) } => format!(
            "“Neighbours always merge”? {} has the buddy, so it is on no free list.",
            w.name(name)
        ),
        Mistake::StillHeld { name: None } => {
            "“Neighbours always merge”? Somebody has the buddy, so it is on no free list.".into()
        }
        Mistake::KeptByCpu => {
            "“Nobody uses it, so it is free”? A CPU keeps it on its list: to the buddy system it is in use."
                .into()
        }
        Mistake::IgnoresOrder { order } => format!(
            "“Free is enough”? The buddy has to be one block of the same order; it is free in order {order}."
        ),
        Mistake::IgnoresZone => "“Memory is one piece”? No block reaches from one zone into another.".into(),
        Mistake::IgnoresType { theirs } => {
            format!("“Types never matter”? {} pageblocks do not mix with others.", type_name(theirs))
        }
        Mistake::IgnoresHole => {
            "“There is always a buddy”? Here is no memory, or some that the buddy system never got.".into()
        }
        Mistake::NextDoor { buddy } => {
            format!("“The block next door is the buddy”? Only {}: its number differs in one bit.", num(buddy.0))
        }
        Mistake::Look { verdict, name } => match (verdict, name) {
            (Verdict::Merge, _) => {
                "Look again: the buddy is free, of the same order and in the same zone. That is all it takes."
                    .into()
            }
            (Verdict::InUse, Some(name)) => {
                format!("Look again: {} has the buddy, so it is on no free list.", w.name(name))
            }
            (Verdict::InUse, None) => "Look again: the buddy is in use, so it is on no free list.".into(),
            (Verdict::OtherOrder, _) => {
                "Look again: the buddy's frames are free, but not as one block of the same order.".into()
            }
            (Verdict::OtherZone, _) => "Look again: the buddy lies in another zone.".into(),
            (Verdict::OtherType, _) => "Look again: the buddy is free, but its type may not mix.".into(),
            (Verdict::NoMemory, _) => "Look again: there is no memory of the buddy system.".into(),
        },
        Mistake::KeepsAddress => {
            "“It keeps its address”? The merged block begins where its lower half does.".into()
        }
        Mistake::NoMerge => "“A free only puts it back”? Its buddy is free, so they merge at once.".into(),
        Mistake::OneMerge => "“One merge for each free”? It goes on as long as the next buddy is free.".into(),
        Mistake::AllTheWay { order } => {
            format!("“It always goes to the top”? At order {order} the buddy does not match.")
        }
        Mistake::AlwaysHead => {
            "“Freed means head”? Its next merge is likely, so it waits at the tail for its buddy.".into()
        }
        Mistake::AlwaysTail => {
            "“Freed means tail”? Only when its next merge is likely; else it is the head, still warm.".into()
        }
        Mistake::SortedByAddress => {
            "“Lists are sorted”? Blocks go to one of the two ends, never between others.".into()
        }
        Mistake::HighestServes => {
            "“The highest zone always serves”? It is tried first, but it cannot serve here.".into()
        }
        Mistake::LowestFirst => {
            "“From the bottom up”? Zones are tried from the highest down, to spare the low ones.".into()
        }
        Mistake::MostFree => {
            "“The zone with most room serves”? The order of the zones counts, not how much is free.".into()
        }
        Mistake::AboveLimit => {
            "“Any zone will do”? The request may not go above the zone that its flags name.".into()
        }
        Mistake::OtherNode => {
            "“Any node will do”? The CPU's own node comes first: other nodes' memory is farther away.".into()
        }
        Mistake::TooLarge => "“Some way is always found”? The largest block there is has order 10.".into(),
        Mistake::CpusetForbids => {
            "“Another node has memory”? The cpuset forbids it, and the page is for a program.".into()
        }
        Mistake::CpusetHolds => {
            "“The cpuset has nothing left”? A page for the kernel itself may come from elsewhere.".into()
        }
        Mistake::StopsAtOne => {
            "“One refusal is the end”? There are other lists, zones and marks to be tried first.".into()
        }
        Mistake::PagesAreEnough { free } => format!(
            "“Enough pages are free”? {}, but a request needs one block, from a zone that may give it.",
            count(free, "is", "are")
        ),
        Mistake::TooLittle { free } => {
            format!("“Some way is always found”? {} left: fewer than it wants.", count(free, "page is", "pages are"))
        }
        Mistake::IgnoresReserve { need } => format!(
            "“Only the mark counts”? The reserve is added: free has to exceed {} pages.",
            num(need)
        ),
        Mistake::IgnoresRights { min } => {
            format!("“The mark is the same for all”? An urgent request is measured against {}.", num(min))
        }
        Mistake::AtLeast { need } => {
            format!("“Reaching the mark is enough”? Free has to exceed {}, not just reach it.", num(need))
        }
        Mistake::NotEnough { need } => {
            format!("Count again: free has to exceed mark and reserve, {} pages.", num(need))
        }
        Mistake::Enough { need } => {
            format!("Count again: mark and reserve are {} pages, and more than that is free.", num(need))
        }
        Mistake::HasBlock => "Look at the lists: one that it may use has a block large enough.".into(),
        Mistake::NoLargeBlock { order } => {
            format!("“Enough pages are enough”? There is no free block of order {order} or more for it.")
        }
        Mistake::OneAtATime => {
            "“One at a time”? The zone is locked once for a whole batch: that is what the list is for.".into()
        }
        Mistake::BatchOfBlocks { order } => {
            format!("“The batch counts blocks”? It counts pages: for order {order} it is halved {}.", times(order))
        }
        Mistake::FillsUp => "“It is filled to its limit”? A refill brings one batch, not more.".into(),
        Mistake::RunsOut => "“The whole batch comes”? The free lists run out before.".into(),
        Mistake::BatchRule { batch, order: Order::ZERO } => {
            format!("A refill brings one batch: {}.", count(batch, "block of one page", "blocks of one page"))
        }
        Mistake::BatchRule { batch, order } => format!(
            "A refill brings the batch of {}, halved {}, but no fewer than 2 blocks.",
            count(batch, "page", "pages"),
            times(order)
        ),
        Mistake::Fifo => {
            "“The longest there goes first”? The head does: what a CPU frees becomes the head, still in its cache.".into()
        }
        Mistake::Lifo => {
            "“Last in, first out”? For requests, yes. What goes back is the tail, the coldest.".into()
        }
        Mistake::PutsAtCpuTail => {
            "“It queues up”? A freed block becomes the head: it is still warm and goes out next.".into()
        }
        Mistake::PastCpu => {
            "“Everything goes to the buddy system”? Small blocks go through the CPU's own lists.".into()
        }
        Mistake::AppendsAtHead => {
            "“Like a freed block, at the head”? A refill appends, so blocks keep their order.".into()
        }
        Mistake::OnlyTheFreed => {
            "“Only the one too many”? A whole batch goes at once, so that the lock is worth it.".into()
        }
        Mistake::AlwaysBatch => {
            "“Always one batch”? It doubles with each drain in a row, between batch and limit − batch.".into()
        }
        Mistake::Everything => {
            "“The CPU is emptied”? Only a share goes back; the warmest pages stay.".into()
        }
        Mistake::DownToLimit => {
            "“Back to the limit”? A batch at least goes, or the next free would be back here.".into()
        }
        Mistake::AllOfIt => {
            "When a block of order 1 to 3 is freed after a drain, the limit counts as 0: all of it goes.".into()
        }
        Mistake::DrainRule { pages } => format!(
            "{}: one batch, doubled with each drain in a row, at most limit − batch.",
            count(pages, "page goes", "pages go")
        ),
        Mistake::CpuListEmpty => "“The CPU has one at hand”? That list is empty: it is refilled first.".into(),
        Mistake::CpuListHas { blocks } => format!(
            "“Each request refills”? {} on the list: only an empty one is refilled.",
            count(blocks, "block is", "blocks are")
        ),
        Mistake::TooLargeForCpu { order } => {
            format!("“CPUs keep blocks of every size”? Not of order {order}: only up to 3, and pageblocks.")
        }
        Mistake::SmallestFirst => {
            "“The smallest that will do”? Of other types the largest is taken, so types mix in few places."
                .into()
        }
        Mistake::LargestAlways => {
            "“Always the largest”? Movable pages can leave again, so they take the smallest that will do.".into()
        }
        Mistake::TypeOrder => {
            "“The first type in the list”? Each type has its own order in which others are asked.".into()
        }
        Mistake::AlwaysClaims { sum, half } => format!(
            "“What is touched is claimed”? {} of its pages count, and it takes half, {}.",
            num(sum),
            num(half)
        ),
        Mistake::NeverClaims { sum, half } => format!(
            "“A pageblock keeps its type”? {} of its pages count, at least half ({}): all of it changes.",
            num(sum),
            num(half)
        ),
        Mistake::WholeIsFree => {
            "“Only what is needed”? The block is a pageblock or more and all free: it changes its type.".into()
        }
        Mistake::OnlyOne => {
            "“Only what is needed”? Every free page of the pageblock moves over, so the next ones need not."
                .into()
        }
        Mistake::MovableLeaves => {
            "“The pageblock goes along”? A small block for movable pages leaves the rest as it is.".into()
        }
        Mistake::FixedMarks => {
            "“Marks are fixed at boot”? Mixing types lifts them for a while, so that kswapd makes room.".into()
        }
        Mistake::LargestFails => {
            "“The larger, the sooner”? What counts is whether a block of its size is there at its turn.".into()
        }
        Mistake::ServedFirst => "“That one is too much”? When its turn comes, there is a block for it.".into(),
        Mistake::FailsEarlier => "“That one is too much”? One before it already finds no block.".into(),
        Mistake::NoneFails => "“There is always a way”? One of them finds no block that it may take.".into(),
        Mistake::ExactCache => {
            "“A cache for every size”? kmalloc has a dozen sizes and takes the smallest that will do.".into()
        }
        Mistake::PowersOfTwo => {
            "“Sizes double”? Not everywhere: between them there are caches of 96 and 192 bytes.".into()
        }
        Mistake::CacheTooSmall { size } => {
            format!("“The nearest size”? Objects of {} are too small: sizes are rounded up.", count(size, "byte", "bytes"))
        }
        Mistake::HeaderRoom => {
            "“A header has to fit in, too”? Objects have none: the slab knows their size.".into()
        }
        Mistake::LowestObject => {
            "“The lowest address first”? Free objects are not sorted; the one freed last goes out first.".into()
        }
        Mistake::OldestObject => {
            "“First come, first served”? The one freed last goes first: its bytes may still be in the CPU's cache.".into()
        }
        Mistake::OtherSlab => {
            "“Any slab will do”? While the CPU's own slab has a free object, no other is touched.".into()
        }
        Mistake::PastArray => "“Straight from a slab”? The CPU's array is asked first.".into(),
        Mistake::ArrayFirst => {
            "“Back into its slab”? The CPU's array takes it; slabs get objects back by the batch.".into()
        }
        Mistake::NotCpusSlab => {
            "“The CPU keeps it”? Its freelist has objects of its own slab only, and this is another.".into()
        }
        Mistake::Cma(mistake) => cma::mistake(Lang::En, mistake),
        Mistake::Dma(mistake) => dma::mistake(Lang::En, mistake),
        Mistake::Compact(mistake) => compact::mistake(Lang::En, mistake),
        Mistake::Huge(mistake) => huge::mistake(Lang::En, mistake),
        Mistake::Reclaim(mistake) => reclaim::mistake(Lang::En, mistake),
        Mistake::Segment(mistake) => segmentation::mistake(Lang::En, mistake),
        Mistake::FaultIsError => "“A fault is an error”? The area is there and allows it: only the page was missing.".into(),
        Mistake::ReadAllocates => {
            "“A read takes a frame”? It was only read: the one page of zeros serves, and costs nothing.".into()
        }
        Mistake::ZeroPageWritten => {
            "“The zero page will do”? It is everybody's: whoever writes needs a frame of its own.".into()
        }
        Mistake::OthersSeeIt => "“Just let it be written”? Others have this page too, and would see it: a copy.".into(),
        Mistake::ForgetsContents => "“A fresh frame of zeros”? What was in the page must be in the copy as well.".into(),
        Mistake::ReadOnlyEntry => {
            "“The entry forbids it, so SIGSEGV”? The area allows it: the entry only asks to be told first.".into()
        }
        Mistake::NobodyElse => "“A copy, always”? Nobody else has this page any more: a copy would be a waste.".into(),
        Mistake::InMemoryAlready => "“It is read from the disk”? It is in the page cache: a minor fault.".into(),
        Mistake::NotInMemory => "“It is in the page cache”? Not this page: the disk is read, a major fault.".into(),
        Mistake::HugeIsSmall => {
            "“4 KiB at a time”? The area has all of these 2 MiB, and huge pages are on: one fault for 512.".into()
        }
        Mistake::PoolIsMemory => {
            "“There is memory”? Of the pool this area was promised nothing, and nothing else will do: SIGBUS.".into()
        }
        Mistake::PoolInRss => "“RSS counts it”? Pages of the pool have a line of their own: HugetlbPages.".into(),
        Mistake::FilesOwnPage => "“A frame of its own”? As long as it is only read, the file's own page is shown.".into(),
        Mistake::PrivateWrite => {
            "“The file's page is mapped”? It is private and written to: the file must not change, so a copy.".into()
        }
        Mistake::NotPromised => "“A page is found for it”? Only where an area promises it: this access has no right.".into(),
        Mistake::OnePageEach => "“One fault, one page more”? Count again what is mapped, and what goes for it.".into(),
        Mistake::WalksAll => "“All levels”? Only when neither a TLB nor a remembered table helps.".into(),
        Mistake::TlbKnowsAll => "“None”? A TLB knows only pages that were used lately.".into(),
        Mistake::OneTable => "“One”? Each level that is not remembered costs a reference of its own.".into(),
        Mistake::CountTables => "Count the levels below the last table that is remembered.".into(),
        Mistake::EvictsNewest => "“The newest”? The one that was not used for longest goes.".into(),
        Mistake::EvictsLowest => "“The lowest address”? Addresses do not matter: the one unused for longest goes.".into(),
        Mistake::Oom(mistake) => oom::mistake(w, mistake, Lang::En),
        Mistake::ForgetsAlone => "“Only its own”? Each CPU has a TLB, and another one is on the same tables.".into(),
        Mistake::EveryCpuForgets => "“All of them”? Who is elsewhere is left alone, and catches up on coming back.".into(),
        Mistake::CountCpus => "Count the CPUs that have this address space loaded.".into(),
        Mistake::RssIsPromise => "“RSS stays”? The page counts as soon as it is mapped.".into(),
        Mistake::CountPages => "Count the pages that are mapped with this fault, and those that go.".into(),
        Mistake::SyscallEachTime => {
            "“The kernel is asked”? malloc asks it for a lot at once, and serves most requests by itself.".into()
        }
        Mistake::KeptFirst => "“From the top”? A free chunk that fits is used first.".into(),
        Mistake::TopIsTooShort => "“The top has it”? It is too short for this chunk.".into(),
        Mistake::AreaFromThreshold => {
            "“With brk”? From the mmap threshold on, a chunk is an area that can be given back alone.".into()
        }
        Mistake::HeapHasIt => "“With mmap”? Only when the heap has nothing and the size is past the threshold.".into(),
        Mistake::FreeGivesBack => {
            "“free gives it to the kernel”? malloc keeps it for the next request: RSS stays.".into()
        }
        Mistake::FreeKeepsAll => "“malloc keeps it”? An area of its own, or a long top, goes back at once.".into(),
        Mistake::IsCpusSlab => {
            "“Back to its slab's list”? It is the slab of this very CPU: its own freelist takes it, without a lock."
                .into()
        }
        Mistake::WasFull => {
            "“The slab stays where it is”? It was full and on no list: the CPU that frees takes it along.".into()
        }
        Mistake::WasNotFull => {
            "“The CPU takes the slab”? Only a slab that was full: this one has its place already.".into()
        }
        Mistake::Frozen => "“Empty means back”? The slab belongs to a CPU, which goes on with it.".into(),
        Mistake::OthersInUse { objects } => format!(
            "“A free gives memory back”? {} of the slab {} still in use, so its pages stay.",
            count(objects, "object", "objects"),
            if objects == 1 { "is" } else { "are" }
        ),
        Mistake::KeepsSlabs { partial, min } => format!(
            "“Empty goes back at once”? The node keeps {min} such slabs (min_partial), and its list has {partial}."
        ),
        Mistake::EnoughSlabs { partial, min } => format!(
            "“Empty ones are kept”? Only up to min_partial, {min}: the node's list has {partial}."
        ),
        Mistake::NeedsOnePiece => {
            "“They have to lie in one piece”? Only their addresses: each page may be any free frame.".into()
        }
        Mistake::FramesRunOut => "“Addresses are plenty”? Yes, but each page needs a frame, and they run out.".into(),
        Mistake::StillWaits => {
            "“Freed is free”? A TLB may still know those addresses: they wait until all are flushed.".into()
        }
        Mistake::BehindTheLast => "“New ones go to the end”? The lowest gap that is long enough is taken.".into(),
        Mistake::NoGuardPage => {
            "“Areas touch”? A guard page, never mapped, lies behind each, so that overruns fault.".into()
        }
        Mistake::SetForEach => {
            "“A set for each read”? The address decides: lines a multiple of 4,096 bytes apart share one.".into()
        }
        Mistake::OneSet => {
            "“All meet in one set”? They lie at different places in their pages, so their sets differ.".into()
        }
        Mistake::SetRule => {
            "The set is the address divided by 64, modulo 64: count the different ones.".into()
        }
        Mistake::PushedOut { ways } => format!(
            "“Read once, so it is there”? Its set has {ways} places, and newer lines have pushed it out."
        ),
        Mistake::StillThere => {
            "“Others have pushed it out”? Only lines of its own set could, and there was room for all.".into()
        }
        Mistake::ElementLines => {
            "A miss brings all 64 bytes of the line: the words beside it are hits then.".into()
        }
        Mistake::LinesStay { ways } => format!(
            "A set keeps {ways} lines only: some are pushed out before their other words are asked for."
        ),
        Mistake::FirstInFirstOut => {
            "The line that leaves is the one unused for longest (LRU), not the one that came in first.".into()
        }
        Mistake::SetOfByte => {
            "The set comes from the line's number, address / 64: neighbouring bytes share a set.".into()
        }
        Mistake::DirectMapped { ways } => {
            format!("A set has room for {ways} lines, not for one: lines of the same set can stay together.")
        }
        Mistake::MissesRule => {
            "Count the lines that are not in their set when they are asked for: 64 bytes each.".into()
        }
        Mistake::PageIsCached => {
            "A cache keeps lines of 64 bytes, not pages: another line of this page says nothing.".into()
        }
        Mistake::NotInSet => "None of the tags in its set is it: it never came, or had to leave.".into(),
        Mistake::PrivateToOther => {
            "Another CPU's L1 and L2 are its own: this CPU finds only what is in its own or in L3.".into()
        }
        Mistake::LostEverywhere => {
            "What leaves a level is still in those below it: each keeps all that those above have.".into()
        }
        Mistake::NeverHere => "No cache has it: nobody asked for it before, or it had to leave.".into(),
        Mistake::NewestLeaves => {
            "The one used last is the likeliest to be used again: the one unused for longest leaves.".into()
        }
        Mistake::LowestLine => "Addresses do not count: the line unused for longest leaves (LRU).".into(),
        Mistake::WrittenStays => {
            "Having been written to does not keep a line: it is written back when it leaves.".into()
        }
    }
}

/// A line as the picture names it.
fn cache_line(w: &Words, line: u64, spot: Option<Spot>) -> String {
    match spot {
        Some(spot) => spot.words(&|name| w.name(name).into_owned()),
        None => format!("line {line:#x}"),
    }
}
