//! What is said of kernel objects and of vmalloc.

pub(super) mod en;
mod shrinker;
pub(super) mod zh;

use mm::op::{KmemOp, NameId};
use mm::slab_common::Cache;
use mm::{Bytes, Op, StepKind};
use scenario::ast::Target;
use scenario::kmem::Kmem;
use scenario::{Lang, Statement, print_statement};

use super::{Told, Words, num};

/// A step of these subsystems, told.
pub(crate) fn tell(lang: Lang, w: &Words, kind: &StepKind) -> Told {
    match (lang, *kind) {
        (Lang::En, StepKind::Kmem(step)) => en::kmem(w, &step),
        (Lang::En, StepKind::Slub { cache, step }) => en::slub(w, cache, &step),
        (Lang::En, StepKind::Slab { cache, step }) => en::slab(w, cache, &step),
        (Lang::En, StepKind::Vmalloc { name, step }) => en::vmalloc(w, name, &step),
        (Lang::Zh, StepKind::Kmem(step)) => zh::kmem(w, &step),
        (Lang::Zh, StepKind::Slub { cache, step }) => zh::slub(w, cache, &step),
        (Lang::Zh, StepKind::Slab { cache, step }) => zh::slab(w, cache, &step),
        (Lang::Zh, StepKind::Vmalloc { name, step }) => zh::vmalloc(w, name, &step),
        _ => unreachable!("only steps of objects and of vmalloc are told here"),
    }
}

/// What an op wants, behind its name.
pub(crate) fn op_text(lang: Lang, w: &Words, op: &KmemOp) -> String {
    match lang {
        Lang::En => en::op_text(w, op),
        Lang::Zh => zh::op_text(w, op),
    }
}

/// An op as the language writes it.
pub(crate) fn code(w: &Words, op: &KmemOp) -> String {
    let target = |name: NameId| Target::named(w.full_name(name));
    print_statement(&Statement::Kmem(match *op {
        KmemOp::CacheCreate { name, args, merge } => Kmem::Create { target: target(name), args, merge },
        KmemOp::CacheAlloc { name, cache, zero, cpu } => {
            Kmem::Alloc { target: target(name), cache: target(cache), zero, cpu: cpu.0 }
        }
        KmemOp::RegisterShrinker { cache, seeks } => Kmem::RegisterShrinker { cache: target(cache), seeks },
        KmemOp::ListLru { name, unused } => Kmem::ListLru { target: target(name), unused },
        KmemOp::CacheShrink { cache } => Kmem::Shrink(target(cache)),
        KmemOp::CacheDestroy { cache } => Kmem::Destroy(target(cache)),
        KmemOp::Kmalloc { name, bytes, ty, zero, cpu } => {
            Kmem::Kmalloc { target: target(name), bytes, ty, zero, cpu: cpu.0 }
        }
        KmemOp::Vmalloc { name, bytes, zero, cpu } => {
            Kmem::Vmalloc { target: target(name), bytes, zero, cpu: cpu.0 }
        }
        KmemOp::Kvmalloc { name, bytes, cpu } => Kmem::Kvmalloc { target: target(name), bytes, cpu: cpu.0 },
        KmemOp::Reap { cpu } => Kmem::Reap(cpu.0),
        KmemOp::Touch { name, offset, cpu } => Kmem::Touch { target: target(name), offset, cpu: cpu.0 },
    }))
}

/// A size as a whole number of KiB or more, else in bytes: none then.
fn whole_unit(bytes: u64) -> Option<String> {
    (bytes >= 1024 && bytes.is_multiple_of(1024)).then(|| Bytes(bytes).to_string())
}

/// The cache, where the moment is known.
fn cache_of<'w>(w: &Words<'w>, name: NameId) -> Option<&'w Cache> {
    w.machine()?.kmem().cache_of(name)
}

/// How many slabs with free objects a node keeps (`min_partial`).
fn min_partial(w: &Words, name: NameId) -> Option<u32> {
    match &cache_of(w, name)?.objects {
        mm::slab_common::Objects::Slub(cache) => Some(cache.geometry().min_partial),
        mm::slab_common::Objects::Slab(_) => None,
    }
}

/// In how many pieces the frames of an area lie.
fn pieces(w: &Words, start: mm::vmalloc::Vaddr) -> Option<u32> {
    Some(w.machine()?.area(start)?.runs())
}

/// Where the first object of a slab of this colour begins, in bytes behind where it would without; none where no
/// moment is known.
fn colour_offset(w: &Words, name: NameId, colour: u32) -> Option<u32> {
    match &cache_of(w, name)?.objects {
        mm::slab_common::Objects::Slab(cache) => Some(colour * cache.geometry().colour_off),
        mm::slab_common::Objects::Slub(_) => None,
    }
}

/// The CPU that the op runs on; `unknown` where no op is known.
fn cpu(w: &Words, unknown: &str) -> String {
    w.cpu().map_or_else(|| unknown.to_owned(), |cpu| format!("CPU {}", cpu.0))
}

/// Why an empty slab goes back to the buddy system.
enum Discard {
    /// All empty ones do.
    Shrink,
    /// The reaper takes what nobody used for a while.
    Reaper,
    /// Its node has enough.
    Enough,
}

fn discard(w: &Words) -> Discard {
    match w.op().map(|(_, op)| op) {
        Some(Op::Kmem(KmemOp::CacheShrink { .. } | KmemOp::CacheDestroy { .. })) => Discard::Shrink,
        Some(Op::Kmem(KmemOp::Reap { .. })) => Discard::Reaper,
        _ => Discard::Enough,
    }
}
