//! The English sentences about kernel objects and vmalloc.

use mm::Pfn;
use mm::cache::Access;
use mm::op::{KmemOp, NameId};
use mm::process::{Cell, Window};
use mm::slab::SlabStep;
use mm::slab_common::Allocator;
use mm::slub::SlubStep;
use mm::step::KmemStep;
use mm::vmalloc::{NoArea, VmallocStep};

use super::super::en::count;
use super::super::process::malloc::holds as holds_en;
use super::super::told;
use super::{
    Discard, Told, Words, cache_of, colour_offset, cpu, discard, min_partial, num, pieces, whole_unit,
};

pub(in crate::narrate) fn bytes(bytes: impl Into<u64>) -> String {
    let bytes = bytes.into();
    whole_unit(bytes).unwrap_or_else(|| count(bytes, "byte", "bytes"))
}

pub(super) fn kmem(w: &Words, step: &KmemStep) -> Told {
    match *step {
        KmemStep::Created { cache } => {
            let name = w.name(cache);
            let figures = cache_of(w, cache).map(mm::slab_common::Cache::figures);
            let did = figures.map_or(format!("{name} is a new cache."), |f| {
                let pages = count(f.pagesperslab, "page", "pages");
                let objects = count(f.objperslab, "object", "objects");
                format!("{name} is a new cache: {objects} of {} in a slab of {pages}.", bytes(f.objsize))
            });
            told(
                (did, "It has no slab yet; the first request brings one."),
                (
                    format!("Create the cache {name}."),
                    "Only its layout is computed; memory comes with the first request.",
                ),
                format!("{name} is created"),
            )
        }
        KmemStep::Merged { name, with } => {
            let (name, with) = (w.name(name), w.name(with));
            let why = "Their objects are as good as equal, so one cache wastes less than two.";
            told(
                (format!("{name} became another name of {with}."), why),
                (format!("Make {name} another name of {with}."), why),
                format!("{name} is merged into {with}"),
            )
        }
        KmemStep::NotCreated { name } => {
            let name = w.name(name);
            let why = "The largest block has 4 MiB, and an object has to fit into it.";
            told(
                (format!("{name} could not be created: its objects are too large."), why),
                (format!("Refuse the cache {name}: its objects are too large."), why),
                format!("{name} is refused: objects too large"),
            )
        }
        KmemStep::SizeClass { name, bytes: wanted, cache, size } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = match size - wanted {
                0 => "Its objects have exactly that size.".to_owned(),
                waste => format!("Its objects have {}, a waste of {}.", bytes(size), bytes(waste)),
            };
            told(
                (format!("{name}'s {} come from {cache}.", bytes(wanted)), why),
                (
                    format!("{name} wants {}: choose {cache}.", bytes(wanted)),
                    "It is the smallest cache of kmalloc with objects as large as that.",
                ),
                format!("{name}: {} from {cache}", bytes(wanted)),
            )
        }
        KmemStep::Large { name, bytes: wanted, order } => {
            let (name, wanted) = (w.name(name), bytes(wanted));
            let why = if w.is_full() {
                "kmalloc turns to the buddy system then, and wants it in one piece."
            } else {
                "kmalloc turns to the buddy system then."
            };
            told(
                (format!("{wanted} are too many for any cache: {name} needs a block of order {order}."), why),
                (format!("{wanted} are too many for any cache: ask for order {order}."), why),
                format!("{name}: order {order}, past all caches"),
            )
        }
        KmemStep::ZeroSize { name } => {
            let name = w.name(name);
            let why = "It is not NULL, but whoever reads there faults.";
            told(
                (format!("{name} asked for 0 bytes: it got an address without memory."), why),
                (format!("{name} asks for 0 bytes: give it an address without memory."), why),
                format!("{name}: 0 bytes"),
            )
        }
        KmemStep::TooLarge { name, bytes: wanted } => {
            let (name, wanted) = (w.name(name), bytes(wanted));
            let why = "kmalloc needs them in one piece, and the largest block has 4 MiB.";
            told(
                (format!("{name} got NULL: {wanted} are too many."), why),
                (format!("Refuse {name}: {wanted} are too many."), why),
                format!("{name} is refused: {wanted}"),
            )
        }
        KmemStep::Handed { name, cache: _, object, zeroed, constructed } => {
            let (name, index) = (w.name(name), object.index);
            let slab = slab_at(w, "the slab", Some(object.slab));
            let why = if zeroed {
                "All its bytes were set to zero first."
            } else if constructed {
                "Its constructor ran once, when the slab was made; not now."
            } else {
                "Its bytes are what the last owner left: only zeroing would change that."
            };
            told(
                (format!("{name} got object {index} of {slab}."), why),
                (format!("Hand object {index} of {slab} to {name}."), why),
                format!("{name} gets object {index}"),
            )
        }
        KmemStep::NoObject { name, cache } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "No slab had a free object, and no block came for a new one.";
            told(
                (format!("{name} got NULL from {cache}."), why),
                (format!("Give NULL to {name}."), why),
                format!("{name} gets NULL"),
            )
        }
        KmemStep::FreeObject { name, cache, object } => {
            let (name, cache, index) = (w.name(name), w.name(cache), object.index);
            let slab = slab_at(w, "the slab", Some(object.slab));
            let why = "The object keeps its place; what changes are lists.";
            told(
                (format!("{name} gave object {index} of {slab} back to {cache}."), why),
                (format!("{name} gives object {index} of {slab} back to {cache}."), why),
                format!("{name} gives object {index} back"),
            )
        }
        KmemStep::Shrinks { cache } => {
            let cache = w.name(cache);
            let why = "Only then it shows which slabs are empty.";
            told(
                (format!("{cache} is to shrink: every CPU gives up what it keeps of it."), why),
                (format!("Shrink {cache}: every CPU gives up what it keeps of it."), why),
                format!("{cache} is shrunk"),
            )
        }
        KmemStep::Shrunk { cache, slabs } => {
            let (cache, left) = (w.name(cache), count(slabs, "slab", "slabs"));
            let why = if slabs == 0 {
                "All its memory is with the buddy system again."
            } else {
                "One object in use holds its whole slab."
            };
            told(
                (format!("{cache} has {left} now."), why),
                (format!("{cache} will have {left}."), why),
                format!("{cache} has {left}"),
            )
        }
        KmemStep::Unaliased { name, with } => {
            let (name, with) = (w.name(name), w.name(with));
            let why = "A cache with several names goes with the last of them.";
            told(
                (format!("The name {name} is gone; {with} stays."), why),
                (format!("Take the name {name} away; {with} stays."), why),
                format!("{name} is gone, {with} stays"),
            )
        }
        KmemStep::StillInUse { cache, objects } => {
            let (cache, objects) = (w.name(cache), count(objects, "object is", "objects are"));
            let why = "The kernel warns and keeps it, or somebody would use memory that is gone.";
            told(
                (format!("{cache} could not be destroyed: {objects} in use."), why),
                (format!("{cache} cannot be destroyed: {objects} in use."), why),
                format!("{cache} stays: {objects} in use"),
            )
        }
        KmemStep::Destroyed { cache } => {
            let cache = w.name(cache);
            let why = "No object was in use, so every slab could go.";
            told(
                (format!("The cache {cache} is gone."), why),
                (format!("Destroy the cache {cache}."), why),
                format!("{cache} is destroyed"),
            )
        }
        KmemStep::Reaps { cpu } => {
            let why = if w.config().kmem.allocator == Allocator::Slab {
                "Every two seconds an array that nobody used since gives up a fifth."
            } else {
                "Only SLAB has arrays for it to look after; SLUB has none."
            };
            told(
                (format!("The reaper came to CPU {}.", cpu.0), why),
                (format!("The reaper comes to CPU {}.", cpu.0), why),
                format!("the reaper on CPU {}", cpu.0),
            )
        }
        KmemStep::Shrinker { .. }
        | KmemStep::Unused { .. }
        | KmemStep::NoShrinker { .. }
        | KmemStep::ShrinkerCount { .. }
        | KmemStep::Spared { .. }
        | KmemStep::ShrinkerDone { .. }
        | KmemStep::SlabDropped { .. } => super::shrinker::en(w, step),
        KmemStep::Touched { name, address: _, cpu, access } => touched(w, name, cpu.0, access),
        KmemStep::Holds { name, holds } => {
            let (name, bytes) = (w.name(name), holds_en(&holds));
            let why = "Nobody clears the kernel's memory on the way back.";
            told(
                (format!("{name} has bytes of somebody before: {bytes}."), why),
                (format!("{name} has bytes of somebody before: {bytes}."), why),
                format!("{name} has {bytes}"),
            )
        }
        KmemStep::Filled { name, address: _, bytes: length, value } => {
            let (name, size) = (w.name(name), bytes(length));
            let why = "They stay so, whoever has the memory, until somebody writes there.";
            told(
                (format!("{size} of {name} became {value:#04x}."), why),
                (format!("Make {size} of {name} {value:#04x}."), why),
                format!("{size} of {name} become {value:#04x}"),
            )
        }
        KmemStep::Dumped { name, address: _, bytes: _, holds } => {
            let (name, bytes) = (w.name(name), holds_en(&holds));
            let why = memory_says(&holds);
            told(
                (format!("In {name} lie {bytes}."), why),
                (format!("Look at {name}: {bytes}."), why),
                format!("{name}: {bytes}"),
            )
        }
    }
}

/// What the bytes of the kernel's memory tell.
fn memory_says(holds: &Window) -> &'static str {
    let has = |is: fn(&Cell) -> bool| holds.runs().iter().any(|(_, cell)| is(cell));
    if has(|cell| *cell == Cell::FreePointer) {
        "While it was free, SLUB kept the way to the next free object in it."
    } else if has(|cell| *cell == Cell::Unsaid) {
        "Of what nobody wrote here nothing is known."
    } else {
        "This is what was written there last."
    }
}

/// A slab by its first frame, in as many words as there is room for.
fn slab_at(w: &Words, noun: &str, at: Option<Pfn>) -> String {
    let words = if w.is_full() { " at frame" } else { "" };
    at.map_or(String::new(), |pfn| format!("{noun}{words} {}", num(pfn.0)))
}

fn touched(w: &Words, name: NameId, cpu: u8, access: Access) -> Told {
    let name = w.name(name);
    let (what, why) = match access {
        Access::Hit { set } => (format!("a hit in set {set}"), "Its line is still in the level-1 cache."),
        Access::Miss { set, evicted: None } => {
            (format!("a miss in set {set}"), "The set had room for its line.")
        }
        Access::Miss { set, evicted: Some(_) } => {
            (format!("a miss in set {set}"), "The set was full: the line that was not used for longest went.")
        }
    };
    told(
        (format!("CPU {cpu} read {name}: {what}."), why),
        (format!("CPU {cpu} reads {name}: {what}."), why),
        format!("CPU {cpu} reads {name}: {what}"),
    )
}

pub(super) fn slub(w: &Words, cache: NameId, step: &SlubStep) -> Told {
    let (the_cpu, cpu, keeps) = (cpu(w, "The CPU"), cpu(w, "the CPU"), min_partial(w, cache));
    let cache = w.name(cache);
    let (the_slab, slab) = (slab_at(w, "The slab", step.slab()), slab_at(w, "the slab", step.slab()));
    match *step {
        SlubStep::FastAlloc(object) => {
            let index = object.index;
            told(
                (
                    format!("Took object {index} off {cpu}'s freelist, in {slab}."),
                    "The fast path: no lock; the object itself said which one is next.",
                ),
                (
                    format!("Take the head of {cpu}'s freelist, object {index} of {slab}."),
                    "The fast path needs no lock: nobody else touches this list.",
                ),
                format!("object {index} off the freelist of {cpu}"),
            )
        }
        SlubStep::TakesRemoteFrees { objects, .. } => {
            let came = count(objects, "object that was freed", "objects that were freed");
            let why = "One exchange takes the whole list; nobody waits.";
            told(
                (format!("{the_cpu} took {came} into {slab} meanwhile."), why),
                (format!("{the_cpu}'s freelist is empty: take {came} into {slab}."), why),
                format!("{the_cpu} takes {came} into its slab"),
            )
        }
        SlubStep::LetsFullSlabGo { .. } => told(
            (
                format!("{the_cpu} let {slab} go: nothing in it is free."),
                "A full slab is on no list, until one of its objects comes back.",
            ),
            (format!("Let {slab} go: nothing in it is free."), "A full slab needs no list."),
            format!("{the_cpu} lets its full slab go"),
        ),
        SlubStep::TakesCpuPartial { .. } => {
            let why = "Still no lock: the partial list of a CPU is its own.";
            told(
                (format!("{the_slab} became {cpu}'s: it was the newest on its partial list."), why),
                (format!("Take {slab}, the newest on {cpu}'s partial list."), why),
                format!("{the_cpu} takes a slab from its partial list"),
            )
        }
        SlubStep::TakesNodePartial { node, .. } => {
            let why = "That list belongs to all CPUs, so its lock is taken.";
            told(
                (format!("{the_slab} became {cpu}'s: it was the head of node {node}'s partial list."), why),
                (format!("Take {slab}, the head of node {node}'s partial list."), why),
                format!("{the_cpu} takes a slab from node {node}"),
            )
        }
        SlubStep::TakesOneMore { .. } => {
            let why = "While the lock is held, a few more are taken along.";
            told(
                (format!("{the_slab} moved to {cpu}'s partial list as well."), why),
                (format!("Take {slab} along, to {cpu}'s partial list."), why),
                "one more slab moves to the CPU's partial list",
            )
        }
        SlubStep::NewSlab { order, .. } => told(
            (
                format!("{the_slab}, order {order}, is {cache}'s now, and {cpu} has it."),
                "Its objects are all free, each naming the next one.",
            ),
            (
                format!("Make the block at frame {} a slab of {cache}.", frame(step)),
                "Its free objects become a list: each holds the address of the next.",
            ),
            format!("a new slab for {cache}"),
        ),
        SlubStep::NoSlab => {
            let why = "No slab has a free object, and the buddy system has no block.";
            told(
                (format!("{cache} found no object."), why),
                (format!("{cache} finds no object."), why),
                format!("{cache} has nothing"),
            )
        }
        SlubStep::FastFree(object) => {
            let index = object.index;
            let why = "It is the CPU's own slab: no lock, and this object is handed out next.";
            told(
                (format!("Object {index} became the head of {cpu}'s freelist."), why),
                (format!("Put object {index} at the head of {cpu}'s freelist."), why),
                format!("object {index} to the freelist of {cpu}"),
            )
        }
        SlubStep::SlowFree { object, frozen } => {
            let index = object.index;
            let why = if frozen {
                "That slab is frozen: its CPU finds the object later, and no list of slabs changes."
            } else {
                "No CPU has that slab, so it may have to change its list."
            };
            told(
                (format!("Object {index} went to the freelist of {slab}."), why),
                (format!("Put object {index} on the freelist of {slab}."), why),
                format!("object {index} to the freelist of its slab"),
            )
        }
        SlubStep::ToCpuPartial { .. } => {
            let why = "It was full and on no list; now it has a free object.";
            told(
                (format!("{the_slab} went on {cpu}'s partial list."), why),
                (format!("Put {slab} on {cpu}'s partial list."), why),
                format!("a slab to the partial list of {cpu}"),
            )
        }
        SlubStep::CpuPartialIsFull { slabs } => {
            let slabs = count(slabs, "slab", "slabs");
            let why = "All of them go to their node at once, under one lock.";
            told(
                (format!("{the_cpu}'s partial list was full: {slabs} left it."), why),
                (format!("{the_cpu}'s partial list is full: {slabs} leave it."), why),
                format!("{slabs} leave the partial list of {cpu}"),
            )
        }
        SlubStep::ToNodePartial { tail, .. } => {
            let end = if tail { "tail" } else { "head" };
            let why = "From there every CPU may take it.";
            told(
                (format!("{the_slab} went to the {end} of its node's partial list."), why),
                (format!("Put {slab} at the {end} of its node's partial list."), why),
                format!("a slab to the {end} of its node's list"),
            )
        }
        SlubStep::StaysFull { .. } => {
            let why = "Every object of it is in use.";
            told(
                (format!("{the_slab} was let go, on no list."), why),
                (format!("Let {slab} go, on no list."), why),
                "a full slab is let go",
            )
        }
        SlubStep::Discards { .. } => {
            let why = match (discard(w), keeps) {
                (Discard::Shrink, _) => "Shrinking gives every empty slab back.".to_owned(),
                (_, Some(keeps)) => {
                    format!("Its node has {keeps} slabs with free objects already: that is enough.")
                }
                _ => "Its node has enough slabs with free objects.".into(),
            };
            told(
                (format!("{the_slab} is empty and goes back to the buddy system."), why.clone()),
                (format!("Give {slab} back: it is empty."), why),
                "an empty slab goes back",
            )
        }
        SlubStep::KeepsEmpty { .. } => {
            let why = keeps.map_or("The next request may want it.".to_owned(), |keeps| {
                format!("A node keeps {keeps} slabs at hand, empty ones too: the next request may want them.")
            });
            told(
                (format!("{the_slab} is empty, and stays."), why.clone()),
                (format!("Keep {slab}, though it is empty."), why),
                "an empty slab is kept",
            )
        }
    }
}

fn frame(step: &SlubStep) -> String {
    step.slab().map_or(String::new(), |pfn| num(pfn.0))
}

pub(super) fn slab(w: &Words, cache: NameId, step: &SlabStep) -> Told {
    let (the_cpu, cpu) = (cpu(w, "The CPU"), cpu(w, "the CPU"));
    let offset = match *step {
        SlabStep::NewSlab { colour, .. } => colour_offset(w, cache, colour),
        _ => None,
    };
    let cache = w.name(cache);
    let (the_slab, slab) = (slab_at(w, "The slab", step.slab()), slab_at(w, "the slab", step.slab()));
    match *step {
        SlabStep::ArrayAlloc(object) => {
            let index = object.index;
            let why = "What came last goes first: it may still be in the CPU's cache.";
            told(
                (format!("Took object {index} of {slab} off the end of {cpu}'s array."), why),
                (format!("Take the end of {cpu}'s array: object {index} of {slab}."), why),
                format!("object {index} off the array of {cpu}"),
            )
        }
        SlabStep::FromShared { objects } => {
            let objects = count(objects, "object", "objects");
            let why = "The array that the CPUs of a node share comes before any slab.";
            told(
                (format!("{objects} moved from the shared array to {cpu}'s."), why),
                (format!("{the_cpu}'s array is empty: move {objects} from the shared one."), why),
                format!("{objects} from the shared array"),
            )
        }
        SlabStep::FromSlab { objects, full, .. } => {
            let objects = count(objects, "object", "objects");
            let why = if full {
                "The slab counts as full now, though nobody uses them yet."
            } else {
                "One batch at a time; the slab has more."
            };
            told(
                (format!("{objects} moved from {slab} to {cpu}'s array."), why),
                (format!("{the_cpu}'s array is empty: move {objects} there from {slab}."), why),
                format!("{objects} into the array of {cpu}"),
            )
        }
        SlabStep::NewSlab { colour, .. } => {
            let why = match offset {
                Some(0) => "Its objects begin at the very start.".to_owned(),
                Some(offset) => {
                    let later = bytes(offset);
                    format!("Its objects begin {later} later, so they use other lines of the CPU's cache.")
                }
                None => "The colour says how much later its objects begin.".into(),
            };
            told(
                (format!("{the_slab} is {cache}'s now, in colour {colour}."), why.clone()),
                (format!("Make {slab} one of {cache}, in colour {colour}."), why),
                format!("a new slab for {cache}, colour {colour}"),
            )
        }
        SlabStep::NoSlab => {
            let why = "No slab has a free object, and the buddy system has no block.";
            told(
                (format!("{cache} found no object."), why),
                (format!("{cache} finds no object."), why),
                format!("{cache} has nothing"),
            )
        }
        SlabStep::ArrayFree(object) => {
            let index = object.index;
            let why = "Its slab does not learn of it: there it still counts as in use.";
            told(
                (format!("Object {index} went to the end of {cpu}'s array."), why),
                (format!("Put object {index} at the end of {cpu}'s array."), why),
                format!("object {index} to the array of {cpu}"),
            )
        }
        SlabStep::ToShared { objects } => {
            let objects = count(objects, "object", "objects");
            let why = "Another CPU of the node may want them.";
            told(
                (format!("{the_cpu}'s array was full: its oldest {objects} went to the shared one."), why),
                (format!("{the_cpu}'s array is full: move its oldest {objects} to the shared one."), why),
                format!("{objects} to the shared array"),
            )
        }
        SlabStep::ToSlabs { objects } => {
            let objects = count(objects, "object", "objects");
            let why = "Only now can their slabs become empty.";
            told(
                (
                    format!("{the_cpu}'s array was full: it gives its oldest {objects} back to their slabs."),
                    why,
                ),
                (format!("{the_cpu}'s array is full: put its oldest {objects} back into their slabs."), why),
                format!("{objects} back into their slabs"),
            )
        }
        SlabStep::Empty { .. } => {
            let why = "Partial slabs are used before it, so it may go back to the buddy system.";
            told(
                (format!("Every object of {slab} is free again."), why),
                (format!("Every object of {slab} is free then."), why),
                "a slab is empty",
            )
        }
        SlabStep::Destroys { .. } => {
            let why = match discard(w) {
                Discard::Shrink => "Shrinking gives every empty slab back.",
                Discard::Reaper => "The reaper takes a few of those that nobody needed lately.",
                Discard::Enough => "Its node had more free objects than it may keep.",
            };
            told(
                (format!("{the_slab} goes back to the buddy system."), why),
                (format!("Give {slab} back to the buddy system."), why),
                "an empty slab goes back",
            )
        }
    }
}

pub(super) fn vmalloc(w: &Words, name: NameId, step: &VmallocStep) -> Told {
    let name = w.name(name);
    match *step {
        VmallocStep::Request { bytes: wanted } => {
            let why = "Only the addresses will be in a row; the frames come from anywhere.";
            told(
                (format!("{name} asked vmalloc for {}.", bytes(wanted)), why),
                (format!("{name} wants {} from vmalloc.", bytes(wanted)), why),
                format!("{name} asks vmalloc for {}", bytes(wanted)),
            )
        }
        VmallocStep::Addresses { start, pages } => {
            let pages = count(pages - 1, "page", "pages");
            let why = if w.is_full() {
                "The lowest gap that is long enough. Nothing is mapped there yet."
            } else {
                "The lowest gap that is long enough."
            };
            told(
                (format!("Addresses from {start:x} on: {pages}, and a guard page behind."), why),
                (format!("Take addresses from {start:x} on: {pages}, and a guard page."), why),
                format!("addresses from {start:x}"),
            )
        }
        VmallocStep::Page { index, pfn } => {
            let (page, frame) = (num(index + 1), num(pfn.0));
            let why = "Frames come one by one: no two of them have to be neighbours.";
            told(
                (format!("Page {page} of {name} is frame {frame}."), why),
                (format!("Make frame {frame} page {page} of {name}."), why),
                format!("page {page}: frame {frame}"),
            )
        }
        VmallocStep::Table { pfn, .. } => {
            let why = "Nothing was mapped near there before; one table serves 2 MiB, and it stays.";
            told(
                (format!("Frame {} became a table of page-table entries.", num(pfn.0)), why),
                (format!("Make frame {} a table of page-table entries.", num(pfn.0)), why),
                format!("a page table in frame {}", num(pfn.0)),
            )
        }
        VmallocStep::Mapped { start, pages } => {
            let entries = count(pages, "entry", "entries");
            let why = match pieces(w, start) {
                Some(pieces @ 2..) => {
                    format!("Its frames lie in {pieces} pieces; whoever uses it does not notice.")
                }
                _ => "From now on its addresses can be used.".into(),
            };
            told(
                (format!("{name} is mapped: {entries} written."), why),
                (
                    format!("Map {name}: write {entries}."),
                    "Each entry says which frame stands behind a page.",
                ),
                format!("{name} is mapped"),
            )
        }
        VmallocStep::Unmapped { waiting, .. } => {
            let waiting = count(waiting, "page", "pages");
            let why = format!("Its addresses wait, {waiting} by now: some CPU's TLB may still know them.");
            told(
                (format!("{name}'s entries are cleared."), why.clone()),
                (format!("Clear {name}'s entries."), why),
                format!("{name} is unmapped"),
            )
        }
        VmallocStep::Purged { pages } => {
            let pages = count(pages, "page", "pages");
            let why = "One flush of every TLB was enough for all of them.";
            told(
                (format!("{pages} of addresses that waited can be used again."), why),
                (format!("Flush every TLB: {pages} of addresses come back."), why),
                format!("{pages} of addresses come back"),
            )
        }
        VmallocStep::Failed { why } => {
            let why = match why {
                NoArea::ZeroSize => "Nothing was asked for: the kernel warns.".to_owned(),
                NoArea::ExceedsTotalPages => "That is more than all memory.".into(),
                NoArea::NoAddresses => "No gap between the addresses in use is long enough.".into(),
                NoArea::NoPages { got } => {
                    format!("Memory ran out after {}: all goes back.", count(got.0, "page", "pages"))
                }
            };
            told(
                (format!("{name} got NULL from vmalloc."), why.clone()),
                (format!("Give NULL to {name}."), why),
                format!("{name} gets NULL"),
            )
        }
    }
}

pub(super) fn op_text(w: &Words, op: &KmemOp) -> String {
    match *op {
        KmemOp::CacheCreate { args, .. } => {
            format!("becomes a cache for objects of {}", bytes(args.object_size))
        }
        KmemOp::CacheAlloc { cache, .. } => format!("wants an object of {}", w.name(cache)),
        KmemOp::RegisterShrinker { cache, .. } => format!("what is unused of {} may go", w.name(cache)),
        KmemOp::ListLru { name, unused: true } => format!("nobody uses {} any more", w.name(name)),
        KmemOp::ListLru { name, unused: false } => format!("{} is used again", w.name(name)),
        KmemOp::CacheShrink { cache } => format!("empty slabs of {} go back", w.name(cache)),
        KmemOp::CacheDestroy { cache } => format!("the cache {} goes", w.name(cache)),
        KmemOp::Kmalloc { bytes: wanted, .. } => format!("wants {} in one piece", bytes(wanted)),
        KmemOp::Vmalloc { bytes: wanted, .. } => format!("wants {} of addresses", bytes(wanted)),
        KmemOp::Kvmalloc { bytes: wanted, .. } => {
            format!("wants {}, in one piece if that is easy", bytes(wanted))
        }
        KmemOp::Reap { cpu } => format!("the reaper of SLAB comes to CPU {}", cpu.0),
        KmemOp::Touch { name, cpu, .. } => format!("CPU {} reads {}", cpu.0, w.name(name)),
    }
}
