//! malloc, through ops of a machine: what a real glibc on a real kernel said, the worked examples of facts 10, and the laws
//! at every step. The same ops with nobody looking on lead to the same machine.

use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{
    Access, Arena, At, ByteRange, Cell, ChunkState, MmapArgs, Place, ProcessOp, Rlimits, TCACHE_STRUCT,
    chunk_size,
};
use mm::step::{MallocStep, Observer, ProcessStep};
use mm::{Config, CpuId, Machine, Named, Op, Step, StepKind, UnitEnd, Vaddr};
use proptest::prelude::*;

const P: NameId = NameId(0);
const Q: NameId = NameId(1);
const CPU: CpuId = CpuId(0);
const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

#[derive(Default)]
struct Looker(Vec<Step>);

impl Observer for Looker {
    fn step(&mut self, machine: &Machine, step: &Step) {
        self.0.push(*step);
        if self.0.len() < 40 || self.0.len().is_multiple_of(499) {
            machine.check().unwrap_or_else(|broken| panic!("after {step:?}: {broken}"));
        }
    }
}

struct Run {
    machine: Machine,
    unseen: Machine,
}

impl Run {
    fn new() -> Run {
        Run::with(16_384)
    }

    fn with(frames: u32) -> Run {
        let machine = Machine::boot(&Config::x86_64(frames)).expect("it boots");
        let mut run = Run { unseen: machine.clone(), machine };
        run.op(Op::Process(ProcessOp::Exec {
            name: P,
            limits: Rlimits::default(),
            task: TaskArgs::default(),
            cpu: CPU,
        }));
        run
    }

    fn op(&mut self, op: Op) -> Vec<ProcessStep> {
        let (mut looker, mut seen) = (Looker::default(), 0);
        loop {
            let end = self.machine.run_unit(&op, &mut looker);
            assert!(looker.0.len() > seen, "{op:?}: a unit has nothing to see");
            seen = looker.0.len();
            if end == UnitEnd::Done {
                break;
            }
        }
        while self.unseen.run_unit_unseen(&op) == UnitEnd::More {}
        self.machine.check().expect("every law holds");
        assert_eq!(self.machine.state_hash(), self.unseen.state_hash(), "{op:?}");
        let of_process = |step: &Step| match step.kind {
            StepKind::Process { step, .. } => Some(step),
            _ => None,
        };
        looker.0.iter().filter_map(of_process).collect()
    }

    fn malloc(&mut self, name: u32, bytes: u64) -> Vaddr {
        self.op(Op::Process(ProcessOp::Malloc {
            name: NameId(name),
            process: P,
            bytes,
            zero: false,
            cpu: CPU,
        }));
        self.pointer(name)
    }

    fn calloc(&mut self, name: u32, bytes: u64) -> u64 {
        let op = ProcessOp::Malloc { name: NameId(name), process: P, bytes, zero: true, cpu: CPU };
        let cleared = self.op(Op::Process(op)).into_iter().find_map(|step| match step {
            ProcessStep::Malloc(MallocStep::Cleared { bytes, .. }) => Some(bytes),
            _ => None,
        });
        cleared.expect("calloc says what it cleared")
    }

    fn realloc(&mut self, name: u32, bytes: u64) -> Vec<ProcessStep> {
        let name = NameId(name);
        self.op(Op::Process(ProcessOp::Realloc { name, of: name, bytes, cpu: CPU }))
    }

    fn pointer(&self, name: u32) -> Vaddr {
        match self.machine.named(NameId(name)) {
            Named::Chunk { at, .. } => at,
            other => panic!("{name}: {other:?}"),
        }
    }

    fn free(&mut self, name: u32) -> Vec<ProcessStep> {
        self.op(Op::Free { name: NameId(name), cpu: CPU })
    }

    fn write(&mut self, name: u32) {
        let at = At::Area { name: NameId(name), by: None };
        self.op(Op::Process(ProcessOp::Access { access: Access::Write, at, bytes: None, cpu: CPU }));
    }

    fn memset(&mut self, at: At, value: u8) {
        self.op(Op::Process(ProcessOp::Memset { at, value, bytes: None, cpu: CPU }));
    }

    fn dump(&mut self, at: At, bytes: Option<ByteRange>) -> Vec<(u64, Cell)> {
        let steps = self.op(Op::Process(ProcessOp::Hexdump { at, bytes, cpu: CPU }));
        let shown = steps.into_iter().find_map(|step| match step {
            ProcessStep::Malloc(MallocStep::Dumped { holds, .. }) => Some(holds.runs().to_vec()),
            _ => None,
        });
        shown.expect("something is shown")
    }

    fn arena(&self) -> &Arena {
        self.machine.processes().mm(P).and_then(|mm| mm.malloc.as_deref()).expect("malloc was asked")
    }

    fn heap(&self) -> u64 {
        let mm = self.machine.processes().mm(P).expect("it runs");
        mm.brk.0 - mm.start_brk.0
    }

    fn figures(&self) -> [u64; 3] {
        let mm = self.machine.processes().mm(P).expect("it runs");
        [mm.total_vm().0 * 4, mm.data_vm().0 * 4, mm.min_flt]
    }
}

fn area(name: u32) -> At {
    At::Area { name: NameId(name), by: None }
}

/// Where a chunk was found for the last request.
fn found(steps: &[ProcessStep]) -> Option<Place> {
    steps.iter().rev().find_map(|step| match step {
        ProcessStep::Malloc(MallocStep::Found { from, .. }) => Some(*from),
        _ => None,
    })
}

/// The real table, row by row. The program had a buffer of its own on the heap already, of 1 KiB.
#[test]
fn every_moment_of_a_real_program() {
    let mut run = Run::with(65_536);
    run.malloc(9999, 1024);
    let table: Vec<Vec<&str>> = include_str!("data/malloc/moments.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    let number = |row: &Vec<&str>, at: usize| -> u64 { row[at].parse().expect("a number") };
    let (first, start, heap) = (table[0].clone(), run.figures(), run.heap());
    assert_eq!(heap, 132 * KIB);
    let mut extra = 0;
    let sizes =
        [65_536, 122_880, 131_008, 131_048, 131_049, 131_072, 132_096, 262_144, 1_048_576, 8_388_608u64];
    let mut grown = 0;
    let mut last = 5000;
    for row in &table[1..] {
        let label = row[0];
        let before = run.heap();
        if let Some(count) = label.strip_prefix("small_malloc_1000B_x") {
            for name in (0..count.parse::<u32>().expect("a number")).map(|n| n + 10) {
                if run.machine.named(NameId(name)) == Named::Nothing {
                    run.malloc(name, 1000);
                }
            }
        } else if label == "small_freed_all_but_last" {
            (10..10 + 1023).for_each(|name| {
                run.free(name);
            });
        } else if label == "small_freed_last" {
            run.free(10 + 1023);
        } else if let Some(rest) = label.strip_prefix("malloc_") {
            let (size, rest) = rest.split_once('_').expect("a size and a kind");
            let size: u64 = size.parse().expect("a number");
            last = 5000 + sizes.iter().position(|of| *of == size).expect("a known size") as u32;
            if rest.starts_with("again") {
                last = 6000;
            }
            let pointer = run.malloc(last, size);
            let is_mapping = run.arena().is_mapping(Vaddr(pointer.0 - 16));
            assert_eq!(is_mapping, rest.starts_with("MMAP"), "{label}");
        } else if label == "written" {
            run.write(last);
        } else if let Some(size) = label.strip_prefix("free_") {
            let size: u64 = size.parse().expect("a number");
            run.free(5000 + sizes.iter().position(|of| *of == size).expect("a known size") as u32);
        } else if label.starts_with("raw_sbrk_half") {
            let heap = run.heap();
            let bytes = Some(ByteRange { from: heap - MIB, to: heap - MIB / 2 });
            let at = At::Heap(P);
            run.op(Op::Process(ProcessOp::Access { access: Access::Write, at, bytes, cpu: CPU }));
        } else if label.starts_with("raw_sbrk") {
            let by = if label.contains('+') { 1 << 20 } else { -(1 << 20) };
            run.op(Op::Process(ProcessOp::Brk { process: P, by, cpu: CPU }));
        } else {
            assert_eq!(label, "small_written_all");
        }
        grown += run.heap().saturating_sub(before) / KIB;
        let [size, data, faults] = run.figures();
        assert_eq!(size - start[0], number(row, 1) - number(&first, 1), "VmSize after {label}");
        assert_eq!(data - start[1], number(row, 2) - number(&first, 2), "VmData after {label}");
        // Four faults are the program's own: it touches pages of its stack and its data for the first time.
        extra += match label {
            "small_malloc_1000B_x1" => 2,
            "small_malloc_1000B_x512" | "small_malloc_1000B_x1024" => 1,
            _ => 0,
        };
        assert_eq!(faults - start[2] + extra, number(row, 3) - number(&first, 3), "minflt after {label}");
        match row[4].strip_prefix('+') {
            Some(delta) => {
                assert_eq!((run.heap() - before) / KIB, delta.parse().expect("a number"), "{label}")
            }
            None if row[4] != "-" => {
                assert_eq!((run.heap() - heap) / KIB, number(row, 4), "brk after {label}")
            }
            None => {}
        }
    }
    assert!(grown > 0);
}

#[test]
fn facts_10_the_first_malloc_takes_132_kib() {
    let mut run = Run::new();
    let start = run.machine.processes().mm(P).expect("it runs").start_brk;
    let pointer = run.malloc(2, 1);
    assert_eq!(pointer.0 - start.0, 0x2a0);
    assert_eq!(run.heap(), 132 * KIB);
    let chunks: Vec<_> = run.arena().chunks().iter().map(|chunk| (chunk.size, chunk.state)).collect();
    let top = 135_168 - TCACHE_STRUCT - 32;
    assert_eq!(chunks, [(TCACHE_STRUCT, ChunkState::Own), (32, ChunkState::InUse), (top, ChunkState::Top)]);
    // The top is long enough, so nobody looks at the threshold.
    let pointer = run.malloc(3, 131_072);
    assert!(!run.arena().is_mapping(Vaddr(pointer.0 - 16)));
    assert_eq!(run.heap(), 132 * KIB);
}

#[test]
fn facts_10_sizes_of_chunks_and_of_areas() {
    assert_eq!([0, 1, 24, 25, 40, 41, 100].map(chunk_size), [32, 32, 32, 48, 48, 64, 112]);
    let mut run = Run::new();
    for (bytes, length) in [(200 * KIB, 208_896), (131_072, 135_168), (MIB, 1_052_672), (131_049, 135_168)] {
        let mut run = Run::new();
        // Nothing is left of the top that could serve it.
        run.malloc(2, 100_000);
        let pointer = run.malloc(3, bytes);
        assert_eq!(run.arena().mappings().collect::<Vec<_>>(), [(Vaddr(pointer.0 - 16), length)], "{bytes}");
    }
    run.malloc(2, MIB);
    run.free(2);
    assert_eq!((run.arena().mmap_threshold, run.arena().trim_threshold), (1_052_672, 2 * 1_052_672));
    // The next one is cut from the heap.
    run.malloc(2, MIB);
    assert_eq!(run.arena().mappings().count(), 0);
}

#[test]
fn what_a_thread_keeps_is_handed_out_last_in_first_out() {
    let mut run = Run::new();
    let pointers: Vec<Vaddr> = (2..11).map(|name| run.malloc(name, 200)).collect();
    run.malloc(20, 200);
    (2..11).for_each(|name| {
        run.free(name);
    });
    assert_eq!(run.arena().kept(208), 7);
    // Two were too many, and as neighbours became one chunk.
    let joined: Vec<u64> =
        run.arena().chunks().iter().filter(|c| c.state.is_joinable()).map(|c| c.size).collect();
    assert_eq!(joined, [416]);
    assert_eq!(run.malloc(30, 200), pointers[6]);
    assert_eq!(run.malloc(31, 200), pointers[5]);
    (32..37).for_each(|name| {
        run.malloc(name, 200);
    });
    // The list is empty: the joined chunk is cut.
    assert_eq!(run.malloc(40, 200), pointers[7]);
}

#[test]
fn fast_chunks_are_not_joined_until_a_large_one_is_wanted() {
    let mut run = Run::new();
    (2..12).for_each(|name| {
        run.malloc(name, 100);
    });
    (2..11).for_each(|name| {
        run.free(name);
    });
    let fast =
        |run: &Run| run.arena().chunks().iter().filter(|chunk| chunk.state == ChunkState::Fast).count();
    assert_eq!(fast(&run), 2);
    run.malloc(20, 2000);
    assert_eq!(fast(&run), 0);
    assert!(run.arena().chunks().iter().any(|chunk| chunk.state.is_joinable() && chunk.size == 224));
}

#[test]
fn the_smallest_that_is_large_enough_is_taken() {
    let mut run = Run::new();
    for (name, bytes) in [(2, 5000), (3, 2000), (4, 3000)] {
        run.malloc(name, bytes);
        // Something in use between them.
        run.malloc(name + 10, 24);
    }
    let best = run.pointer(3);
    [2, 3, 4].into_iter().for_each(|name| {
        run.free(name);
    });
    let op = ProcessOp::Malloc { name: NameId(30), process: P, bytes: 1500, zero: false, cpu: CPU };
    let steps = run.op(Op::Process(op));
    assert_eq!(found(&steps), Some(Place::Large));
    assert_eq!(run.pointer(30), best);
}

#[test]
fn memory_freed_to_libc_still_has_the_old_bytes() {
    let mut run = Run::new();
    run.malloc(2, 100);
    run.memset(area(2), 0x41);
    run.malloc(3, 100);
    assert!(run.free(2).iter().all(|step| !matches!(step, ProcessStep::Unmapped { .. })));
    // The same block, with two words of malloc's own in front; one of them is wiped out on the way.
    let holds = |run: &mut Run, name| run.dump(area(name), None);
    run.malloc(4, 100);
    assert_eq!(holds(&mut run, 4), [(16, Cell::Libc), (84, Cell::Byte(0x41))]);
    // calloc clears all that the chunk holds.
    run.free(4);
    assert_eq!(run.calloc(5, 100), 104);
    assert_eq!(holds(&mut run, 5)[0], (100, Cell::Byte(0)));
}

#[test]
fn memory_from_the_kernel_is_zeros() {
    let mut run = Run::new();
    run.malloc(2, MIB);
    assert_eq!(run.dump(area(2), None), [(16 * 4096, Cell::Byte(0))]);
    run.memset(area(2), 0x42);
    assert_eq!(run.dump(area(2), None), [(16 * 4096, Cell::Byte(0x42))]);
    run.free(2);
    // The frames are given out again, to whoever asks: nothing is left of what was in them.
    let mapped =
        ProcessOp::Mmap { name: NameId(3), process: P, bytes: MIB, args: MmapArgs::ANONYMOUS, cpu: CPU };
    run.op(Op::Process(mapped));
    run.write(3);
    assert_eq!(run.dump(area(3), None), [(16 * 4096, Cell::Byte(0))]);
    // calloc of an area has nothing to do.
    let mut run = Run::new();
    assert_eq!(run.calloc(2, MIB), 0);
    // And none of the top that was never used, but for the word in front of the next header.
    assert!(run.calloc(3, 1000) <= 1008);
}

#[test]
fn a_copy_on_write_has_the_old_bytes() {
    let mut run = Run::new();
    run.malloc(2, 100);
    run.memset(area(2), 0x41);
    run.op(Op::Process(ProcessOp::Fork { name: Q, parent: P, cpu: CPU }));
    let of_child = At::Area { name: NameId(2), by: Some(Q) };
    assert_eq!(run.dump(of_child, None), [(100, Cell::Byte(0x41))]);
    run.memset(area(2), 0x42);
    assert_eq!(run.dump(of_child, None), [(100, Cell::Byte(0x41))]);
    assert_eq!(run.dump(area(2), None), [(100, Cell::Byte(0x42))]);
}

#[test]
fn realloc_grows_in_place_or_copies() {
    let mut run = Run::new();
    let pointer = run.malloc(2, 100);
    run.memset(area(2), 0x41);
    run.realloc(2, 1000);
    assert_eq!(run.pointer(2), pointer, "the top lies behind it");
    run.malloc(3, 24);
    let steps = run.realloc(2, 2000);
    assert_ne!(run.pointer(2), pointer);
    assert!(
        steps.iter().any(|step| matches!(step, ProcessStep::Malloc(MallocStep::Moved { bytes: 1000, .. })))
    );
    let range = Some(ByteRange { from: 0, to: 100 });
    assert_eq!(run.dump(area(2), range), [(100, Cell::Byte(0x41))]);
    // Shorter again: the rest is free.
    run.realloc(2, 500);
    assert_eq!(run.arena().chunk_of(run.pointer(2)).map(|chunk| chunk.size), Some(chunk_size(500)));
}

#[test]
fn realloc_of_an_area_moves_page_tables_and_no_page() {
    let mut run = Run::new();
    let args = MmapArgs { prot: mm::process::Prot::READ, ..MmapArgs::ANONYMOUS };
    // Above it lies another one, so it cannot grow where it is.
    run.op(Op::Process(ProcessOp::Mmap { name: NameId(3), process: P, bytes: 4096, args, cpu: CPU }));
    run.malloc(2, MIB);
    run.memset(area(2), 0x41);
    let faults = run.figures()[2];
    let rss = run.machine.processes().mm(P).expect("it runs").rss;
    let before = run.pointer(2);
    let steps = run.realloc(2, 4 * MIB);
    let moved = steps.iter().find_map(|step| match step {
        ProcessStep::Remapped { moved, .. } => Some(moved.0),
        _ => None,
    });
    assert_eq!(moved, Some(257));
    assert_ne!(run.pointer(2), before);
    let mm = run.machine.processes().mm(P).expect("it runs");
    assert_eq!((mm.rss, mm.min_flt), (rss, faults), "no page is touched");
    assert_eq!(run.dump(area(2), None), [(16 * 4096, Cell::Byte(0x41))]);
    // And shorter: what is cut off goes back to the kernel.
    run.realloc(2, 300 * KIB);
    assert_eq!(run.arena().mappings().map(|(_, length)| length).collect::<Vec<_>>(), [311_296]);
}

#[test]
fn somebody_else_moved_the_end_of_the_heap() {
    let mut run = Run::new();
    run.malloc(2, 1000);
    run.op(Op::Process(ProcessOp::Brk { process: P, by: 8192, cpu: CPU }));
    run.malloc(3, 100_000);
    run.malloc(4, 100_000);
    // What is in use of the old part stays, what was left of it is free, and the gap is nobody's.
    let states: Vec<_> = run.arena().chunks().iter().map(|chunk| chunk.state).collect();
    assert_eq!(
        states,
        [
            ChunkState::Own,
            ChunkState::InUse,
            ChunkState::InUse,
            ChunkState::Bin(118),
            ChunkState::Foreign,
            ChunkState::InUse,
            ChunkState::Top,
        ]
    );
    // The end of malloc's own part is cut off: it can get no more of it.
    run.op(Op::Process(ProcessOp::Brk { process: P, by: -4096, cpu: CPU }));
    let size = run.arena().top().expect("a top").size;
    let op = ProcessOp::Malloc { name: NameId(5), process: P, bytes: size, zero: false, cpu: CPU };
    run.op(Op::Process(op));
    assert!(size < 131_072 || run.arena().mappings().count() == 1);
    if size < 131_056 {
        assert_eq!(run.machine.named(NameId(5)), Named::Failed);
    }
}

#[test]
fn without_a_process_there_is_nothing_to_give_back() {
    let mut run = Run::new();
    run.malloc(2, 1000);
    run.op(Op::Process(ProcessOp::Exit { process: P, cpu: CPU }));
    let steps = run.free(2);
    assert!(steps.is_empty());
    assert_eq!(run.machine.named(NameId(2)), Named::Freed);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever a program does with malloc, the laws hold, and blocks in use do not overlap.
    #[test]
    fn chunks_tile_the_heap(
        acts in prop::collection::vec((0u8..12, 0u32..10, 0usize..14), 1..60),
    ) {
        let sizes = [0, 1, 24, 40, 100, 120, 500, 1000, 1040, 3000, 20_000, 70_000, 131_072, 300_000];
        let mut run = Run::new();
        for (act, name, size) in acts {
            let (name, bytes) = (name + 2, sizes[size]);
            let is_held = matches!(run.machine.named(NameId(name)), Named::Chunk { .. });
            match act {
                0..=4 if !is_held => { run.malloc(name, bytes); },
                5 if !is_held => { run.calloc(name, bytes); },
                6 if is_held => { run.realloc(name, bytes.max(1)); },
                7 if is_held => run.memset(area(name), 0x41),
                8 if size < 3 => { run.op(Op::Process(ProcessOp::Brk { process: P, by: 4096 * i64::from(name), cpu: CPU })); },
                _ if is_held => { run.free(name); },
                _ => {}
            }
            let arena = run.machine.processes().mm(P).and_then(|mm| mm.malloc.clone());
            let Some(arena) = arena else { continue };
            let mut held: Vec<(u64, u64)> = (2..12).filter_map(|name| match run.machine.named(NameId(name)) {
                Named::Chunk { at, bytes, .. } => Some((at.0, at.0 + u64::from(bytes))),
                _ => None,
            }).collect();
            for (start, end) in &held {
                let chunk = arena.chunk_of(Vaddr(*start)).expect("a chunk");
                prop_assert_eq!(chunk.state, ChunkState::InUse);
                prop_assert!(end - start <= chunk.size - 8);
            }
            held.sort_unstable();
            prop_assert!(held.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            // In use, free, the rest: all of the heap.
            let sum = |of: fn(ChunkState) -> bool| -> u64 {
                arena.chunks().iter().filter(|chunk| of(chunk.state)).map(|chunk| chunk.size).sum()
            };
            let (first, top) = (arena.chunks()[0].start, arena.top().expect("a top"));
            let used = sum(|state| !state.is_free() && state != ChunkState::Top);
            prop_assert_eq!(used + sum(ChunkState::is_free) + top.size, top.end().0 - first.0);
            let mapped = held.iter().filter(|(start, _)| arena.is_mapping(Vaddr(start - 16))).count();
            prop_assert_eq!(arena.mappings().count(), mapped);
        }
    }
}
