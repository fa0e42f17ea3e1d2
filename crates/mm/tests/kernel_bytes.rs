//! Bytes of the kernel's own memory: what is cleared and what is not. Every law is checked at every step, and the same ops
//! with nobody looking on lead to the same machine.

#[path = "common/process.rs"]
mod common;

use common::{Run, area, range};
use mm::gfp::GfpFlags;
use mm::op::{Gfp, KmemOp, NameId, PageKind};
use mm::process::{Access, Advice, At, Cell, MmapArgs, ProcessOp, Rlimits, Window};
use mm::slab_common::{Allocator, CacheArgs, KmallocType};
use mm::step::{KmemStep, MallocStep, ProcessStep, StepKind};
use mm::{Config, CpuId, Named, Op};

const O: NameId = NameId(0);
const N: NameId = NameId(1);
const C: NameId = NameId(2);
const P: NameId = NameId(3);
const CPU: CpuId = CpuId(0);

fn boot(change: impl FnOnce(&mut Config)) -> Run {
    let mut config = Config::x86_64(1024);
    change(&mut config);
    Run::of_config(&config)
}

fn op(run: &mut Run, op: Op) -> Vec<StepKind> {
    run.steps_of(&op).iter().map(|step| step.kind).collect()
}

fn kmalloc(run: &mut Run, name: NameId, bytes: u32, zero: bool) -> Vec<StepKind> {
    let ty = KmallocType::Normal;
    op(run, Op::Kmem(KmemOp::Kmalloc { name, bytes, ty, zero, cpu: CPU }))
}

fn free(run: &mut Run, name: NameId) {
    op(run, Op::Free { name, cpu: CPU });
}

fn memset(run: &mut Run, name: NameId, value: u8, bytes: Option<(u64, u64)>) -> Vec<StepKind> {
    let (at, bytes) = (area(name), range(bytes));
    op(run, Op::Process(ProcessOp::Memset { at, value, bytes, cpu: CPU }))
}

fn dump(run: &mut Run, name: NameId, bytes: Option<(u64, u64)>) -> Vec<(u64, Cell)> {
    let (at, bytes) = (area(name), range(bytes));
    let steps = op(run, Op::Process(ProcessOp::Hexdump { at, bytes, cpu: CPU }));
    let holds = steps.iter().find_map(|kind| match kind {
        StepKind::Kmem(KmemStep::Dumped { holds, .. }) => Some(*holds),
        StepKind::Process { step: ProcessStep::Malloc(MallocStep::Dumped { holds, .. }), .. } => Some(*holds),
        _ => None,
    });
    holds.unwrap_or_else(|| panic!("{steps:?}")).runs().to_vec()
}

fn pages(run: &mut Run, name: NameId, order: u8, flags: GfpFlags) -> Vec<StepKind> {
    let gfp = Gfp { kind: PageKind::Movable, flags: GfpFlags::GFP_KERNEL | GfpFlags::MOVABLE | flags };
    op(run, Op::Alloc { name, order, gfp, cpu: CPU })
}

fn held(steps: &[StepKind]) -> Option<Window> {
    steps.iter().find_map(|kind| match kind {
        StepKind::Kmem(KmemStep::Holds { holds, .. }) => Some(*holds),
        _ => None,
    })
}

const A: Cell = Cell::Byte(0x41);
const ZERO: Cell = Cell::Byte(0);

/// The pointer to the next free object lies in the middle of a free one (facts 07), and nothing else is written there.
#[test]
fn facts_07_what_kfree_leaves() {
    let mut run = boot(|_| ());
    kmalloc(&mut run, O, 64, false);
    // Nobody said anything of it, but every object was free once.
    assert_eq!(dump(&mut run, O, None), [(32, Cell::Unsaid), (8, Cell::FreePointer), (24, Cell::Unsaid)]);
    memset(&mut run, O, 0x41, None);
    assert_eq!(dump(&mut run, O, None), [(64, A)]);
    let first = run.machine.named(O);
    free(&mut run, O);
    let steps = kmalloc(&mut run, N, 64, false);
    assert_eq!(run.machine.named(N), first, "the last one that came back is the next one");
    let old = [(32, A), (8, Cell::FreePointer), (24, A)];
    assert_eq!(held(&steps).map(|window| window.runs().to_vec()), Some(old.to_vec()));
    assert_eq!(dump(&mut run, N, None), old);
    // 96 bytes: 48 is a multiple of the word; 8 bytes have room for nothing else.
    for (bytes, before, behind) in [(96, 48, 40), (192, 96, 88)] {
        kmalloc(&mut run, O, bytes, false);
        memset(&mut run, O, 0x41, None);
        free(&mut run, O);
        kmalloc(&mut run, O, bytes, false);
        assert_eq!(dump(&mut run, O, None), [(before, A), (8, Cell::FreePointer), (behind, A)]);
        free(&mut run, O);
    }
    kmalloc(&mut run, O, 8, false);
    assert_eq!(dump(&mut run, O, None), [(8, Cell::FreePointer)]);
}

#[test]
fn kzalloc_clears_the_whole_object() {
    let mut run = boot(|_| ());
    kmalloc(&mut run, O, 64, false);
    memset(&mut run, O, 0x41, None);
    free(&mut run, O);
    let steps = kmalloc(&mut run, O, 40, true);
    assert_eq!((held(&steps), dump(&mut run, O, None)), (None, vec![(64, ZERO)]));
    // Given back as it is, the pointer is all that is new.
    free(&mut run, O);
    kmalloc(&mut run, O, 64, false);
    assert_eq!(dump(&mut run, O, None), [(32, ZERO), (8, Cell::FreePointer), (24, ZERO)]);
    // The same for zeros of before anybody looked.
    let mut run = boot(|_| ());
    kmalloc(&mut run, O, 40, true);
    kmalloc(&mut run, N, 40, false);
    assert_eq!(dump(&mut run, O, None), [(64, ZERO)]);
    assert_eq!(dump(&mut run, N, Some((0, 32))), [(32, Cell::Unsaid)]);
}

#[test]
fn init_on_alloc_clears_everything() {
    let mut run = boot(|config| config.kmem.init_on_alloc = true);
    kmalloc(&mut run, O, 64, false);
    memset(&mut run, O, 0x41, None);
    free(&mut run, O);
    let steps = kmalloc(&mut run, O, 64, false);
    assert_eq!((held(&steps), dump(&mut run, O, None)), (None, vec![(64, ZERO)]));
    pages(&mut run, N, 0, GfpFlags::NONE);
    memset(&mut run, N, 0x41, None);
    free(&mut run, N);
    pages(&mut run, N, 0, GfpFlags::NONE);
    assert_eq!(dump(&mut run, N, None), [(4096, ZERO)]);
    // Past the caches as well.
    kmalloc(&mut run, C, 16_384, false);
    assert_eq!(dump(&mut run, C, None), [(16_384, ZERO)]);
}

/// SLAB keeps what is free in a list outside of the objects; a constructor's cache has the pointer behind them.
#[test]
fn not_every_free_object_has_a_pointer_in_it() {
    let mut run = boot(|config| config.kmem.allocator = Allocator::Slab);
    kmalloc(&mut run, O, 64, false);
    memset(&mut run, O, 0x41, None);
    free(&mut run, O);
    kmalloc(&mut run, O, 64, false);
    assert_eq!(dump(&mut run, O, None), [(64, A)]);
    let mut run = boot(|_| ());
    let args = CacheArgs { ctor: true, ..CacheArgs::of_size(64) };
    op(&mut run, Op::Kmem(KmemOp::CacheCreate { name: C, args, merge: true }));
    let alloc = || Op::Kmem(KmemOp::CacheAlloc { name: O, cache: C, zero: false, cpu: CPU });
    op(&mut run, alloc());
    memset(&mut run, O, 0x41, None);
    free(&mut run, O);
    op(&mut run, alloc());
    assert_eq!(dump(&mut run, O, None), [(64, A)]);
}

/// `alloc_pages()` without `__GFP_ZERO` hands out what was there, whoever wrote it; with it, zeros. A process gets zeros.
#[test]
fn pages_keep_what_was_in_them() {
    let mut run = boot(|_| ());
    pages(&mut run, O, 1, GfpFlags::NONE);
    assert_eq!(dump(&mut run, O, None), [(8192, Cell::Unsaid)]);
    memset(&mut run, O, 0x41, Some((4000, 5000)));
    assert_eq!(dump(&mut run, O, None), [(4000, Cell::Unsaid), (1000, A), (3192, Cell::Unsaid)]);
    free(&mut run, O);
    let steps = pages(&mut run, O, 1, GfpFlags::NONE);
    assert!(held(&steps).is_some());
    free(&mut run, O);
    let steps = pages(&mut run, O, 1, GfpFlags::ZERO);
    assert_eq!((held(&steps), dump(&mut run, O, None)), (None, vec![(8192, ZERO)]));
    // What a process wrote is the kernel's to read when it is gone; what the kernel wrote no process sees. What a CPU keeps
    // is handed out again at once.
    let mut run = boot(|config| config.pcp = true);
    op(
        &mut run,
        Op::Process(ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: mm::oom_kill::TaskArgs::default(),
            cpu: CPU,
        }),
    );
    op(
        &mut run,
        Op::Process(ProcessOp::Mmap {
            name: C,
            process: P,
            bytes: 4096,
            args: MmapArgs::ANONYMOUS,
            cpu: CPU,
        }),
    );
    memset(&mut run, C, 0x43, None);
    let Named::Mapping { start, .. } = run.machine.named(C) else { panic!("it was mapped") };
    let frame = |run: &Run| {
        let procs = run.machine.processes();
        procs.tables().page(procs.mm(P).expect("it runs").pgd, start).expect("it is there").pfn()
    };
    let (pfn, at) = (frame(&run), At::Area { name: C, by: None });
    op(&mut run, Op::Process(ProcessOp::Madvise { at, advice: Advice::DontNeed, bytes: None, cpu: CPU }));
    pages(&mut run, N, 0, GfpFlags::NONE);
    assert!(matches!(run.machine.named(N), Named::Block(block) if block.pfn == pfn));
    assert_eq!(dump(&mut run, N, None), [(4096, Cell::Byte(0x43))]);
    memset(&mut run, N, 0x44, None);
    free(&mut run, N);
    op(&mut run, Op::Process(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }));
    assert_eq!(frame(&run), pfn, "the frame that came back last");
    assert_eq!(dump(&mut run, C, None), [(4096, ZERO)]);
}

#[test]
fn what_is_no_memory_has_no_bytes() {
    let mut run = boot(|_| ());
    for name in [O, C] {
        let steps = memset(&mut run, name, 1, None);
        assert!(matches!(steps[..], [StepKind::Skipped { .. }]), "{steps:?}");
    }
    kmalloc(&mut run, O, 64, false);
    // Beyond its end there is nothing of it.
    memset(&mut run, O, 1, Some((60, 200)));
    assert_eq!(dump(&mut run, O, Some((56, 100))), [(4, Cell::Unsaid), (4, Cell::Byte(1))]);
    free(&mut run, O);
    let steps = memset(&mut run, O, 1, None);
    assert!(matches!(steps[..], [StepKind::Skipped { .. }]), "{steps:?}");
}
