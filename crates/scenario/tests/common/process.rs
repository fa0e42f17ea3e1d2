//! Ops of processes for property tests.

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::TaskArgs;
use mm::process::{Access, Advice, ByteRange, Pattern, Prot, Rlimits, Scan, ScanLimits};
use proptest::prelude::*;
use scenario::ast::Target;
use scenario::process::{
    ADDRESS_END, At, MAX_BLOCK, MAX_BYTES, MAX_FILE, MAX_HUGEPAGES, MAX_PAGES_TO_SCAN, MAX_SECONDS, MmapArgs,
    Process,
};

use super::{cpu, target};

fn bytes(most: u64) -> impl Strategy<Value = u64> {
    prop_oneof![0u64..9000, (0u64..1 << 18).prop_map(|pages| pages << 12), 0..=most]
        .prop_map(move |bytes| bytes.min(most))
}

/// None of it is past `most`.
pub fn range(most: u64) -> impl Strategy<Value = ByteRange> {
    (bytes(most - 1), bytes(MAX_BYTES))
        .prop_map(move |(from, len)| ByteRange { from, to: from.saturating_add(len.max(1)).min(most) })
}

fn prot() -> impl Strategy<Value = Prot> {
    any::<(bool, bool, bool)>().prop_map(|(read, write, exec)| Prot { read, write, exec })
}

fn at_and_bytes() -> BoxedStrategy<(At, Option<ByteRange>)> {
    let place = prop_oneof![
        3 => (target(), prop::option::of(target())).prop_map(|(area, by)| At::Area { area, by }),
        1 => target().prop_map(At::Heap),
        1 => target().prop_map(At::Stack),
    ];
    let address = prop_oneof![0u64..9000, 0u64..1 << 47, 0..ADDRESS_END];
    let of_address = (target(), address).prop_flat_map(|(process, address)| {
        let most = MAX_BYTES.min(ADDRESS_END - address);
        (Just(At::Address(process, address)), prop::option::of(range(most)))
    });
    prop_oneof![4 => (place, prop::option::of(range(MAX_BYTES))), 1 => of_address].boxed()
}

fn mmap_args() -> impl Strategy<Value = MmapArgs> {
    let offset = prop_oneof![Just(0u64), (0u64..=MAX_BYTES >> 12).prop_map(|page| page << 12)];
    let file = prop::option::of((target(), offset));
    let prot = prop_oneof![Just(Prot::READ_WRITE), prot()];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (prot, file, flags).prop_map(|(prot, file, (shared, noreserve, populate, huge))| {
        let huge = huge && !shared && file.is_none();
        let locked = populate && shared;
        MmapArgs { prot, shared, file, noreserve, populate, locked, huge }
    })
}

/// Any way through memory.
fn scan() -> impl Strategy<Value = Scan> {
    let size = || (1u32..=65_536, 1u32..=65_536);
    let pattern = prop_oneof![
        size().prop_map(|(rows, columns)| Pattern::Rows { rows, columns }),
        size().prop_map(|(rows, columns)| Pattern::Columns { rows, columns }),
        bytes(MAX_BYTES).prop_map(|bytes| Pattern::Stride { bytes: bytes.max(1) }),
        (1u32..=5_000_000).prop_map(|count| Pattern::Random { count }),
    ];
    let access = prop::sample::select(vec![Access::Read, Access::Write, Access::Exec]);
    let elem = prop_oneof![Just(8u32), 1u32..=4096];
    let times = prop_oneof![Just(1u32), 1u32..=5_000_000];
    (access, pattern, elem, times).prop_map(|(access, pattern, elem, times)| Scan {
        access,
        pattern,
        elem,
        times,
    })
}

/// What a program says of itself.
fn task() -> impl Strategy<Value = TaskArgs> {
    let usual = |most: u32| prop_oneof![2 => Just(0), 1 => 0..=most];
    (usual(MAX_SECONDS), -20i8..20, usual(MAX_SECONDS), usual(MAX_SECONDS), any::<bool>()).prop_map(
        |(uid, nice, cpu_seconds, age_seconds, stuck)| TaskArgs {
            uid,
            nice,
            cpu_seconds,
            age_seconds,
            stuck,
            ..TaskArgs::default()
        },
    )
}

/// Any op of processes.
fn policy() -> impl Strategy<Value = Option<Mempolicy>> {
    let modes = vec![Mode::Local, Mode::Preferred, Mode::PreferredMany, Mode::Bind, Mode::Interleave];
    let some =
        (prop::sample::select(modes), prop::collection::vec(0u8..8, 1..5)).prop_map(|(mode, nodes)| {
            let many = !matches!(mode, Mode::Local | Mode::Preferred);
            let nodes = nodes.into_iter().take(match mode {
                Mode::Local => 0,
                _ if many => 5,
                _ => 1,
            });
            Mempolicy { mode, nodes: NodeMask::of(nodes) }
        });
    prop::option::of(some)
}

/// Some nodes.
fn nodes() -> impl Strategy<Value = NodeMask> {
    prop::collection::vec(0u8..8, 1..5).prop_map(NodeMask::of)
}

pub fn process() -> BoxedStrategy<Process> {
    let limits = (prop_oneof![Just(8 << 20), bytes(MAX_BYTES)], prop::option::of(bytes(MAX_BYTES))).prop_map(
        |(stack, address_space)| Rlimits { stack, address_space, memlock: address_space.map(|of| of / 3) },
    );
    let by = (-(MAX_BYTES as i64)..=MAX_BYTES as i64, any::<bool>())
        .prop_map(|(by, in_pages)| if in_pages { by >> 24 << 12 } else { by });
    let access = prop::sample::select(vec![Access::Read, Access::Write, Access::Exec]);
    prop_oneof![
        (target(), bytes(MAX_FILE), 0u64..4, cpu()).prop_map(|(target, bytes, thirds, cpu)| {
            Process::File {
                target,
                bytes,
                cached: bytes / 3 * thirds + u64::from(thirds == 3) * (bytes % 3),
                cpu,
            }
        }),
        (target(), limits, task(), prop::array::uniform2(prop::option::of(target())), cpu()).prop_map(
            |(target, limits, task, [cgroup, cpuset], cpu)| {
                let (cgroup, cpuset) = (cgroup.map(Box::new), cpuset.map(Box::new));
                Process::Exec { target, limits, task, cgroup, cpuset, cpu }
            }
        ),
        (target(), nodes(), any::<bool>()).prop_map(|(target, mems, hardwall)| Process::Cpuset {
            target,
            mems,
            hardwall
        }),
        (target(), nodes()).prop_map(|(cpuset, mems)| Process::CpusetMems { cpuset, mems }),
        Just(Process::Sysrq),
        (target(), -1000i16..=1000, any::<bool>(), any::<bool>()).prop_map(
            |(process, value, legacy, root)| {
                let value = if legacy { value.rem_euclid(33) - 17 } else { value };
                Process::Adjust { process, value, legacy, root }
            }
        ),
        (target(), target(), cpu()).prop_map(|(target, parent, cpu)| Process::Fork { target, parent, cpu }),
        (target(), cpu()).prop_map(|(process, cpu)| Process::Exit { process, cpu }),
        (target(), target(), prop::option::of(bytes(MAX_BYTES)), cpu())
            .prop_map(|(target, of, stack, cpu)| Process::Thread { target, of, stack, cpu }),
        (target(), any::<[bool; 2]>(), cpu()).prop_map(|(process, [current, future], cpu)| {
            Process::Mlockall { process, current, future, cpu }
        }),
        (target(), target(), bytes(MAX_BYTES), mmap_args(), cpu()).prop_map(
            |(target, process, bytes, args, cpu)| {
                Process::Mmap { target, process, bytes, args: Box::new(args), cpu }
            }
        ),
        (at_and_bytes(), cpu()).prop_map(|((at, bytes), cpu)| Process::Munmap { at, bytes, cpu }),
        (at_and_bytes(), prot()).prop_map(|((at, bytes), prot)| Process::Mprotect { at, prot, bytes }),
        (at_and_bytes(), policy()).prop_map(|((at, bytes), policy)| Process::Mbind { at, policy, bytes }),
        (target(), policy()).prop_map(|(process, policy)| Process::SetMempolicy { process, policy }),
        (0..=MAX_HUGEPAGES, cpu()).prop_map(|(pages, cpu)| Process::NrHugepages { pages, cpu }),
        (0..=MAX_HUGEPAGES).prop_map(|pages| Process::NrOvercommitHugepages { pages }),
        (1..=MAX_PAGES_TO_SCAN, 0..512u16, 0..512u16, 0..512u16, cpu()).prop_map(
            |(pages_to_scan, max_ptes_none, max_ptes_swap, max_ptes_shared, cpu)| Process::Khugepaged {
                limits: ScanLimits { pages_to_scan, max_ptes_none, max_ptes_swap, max_ptes_shared },
                cpu,
            }
        ),
        (at_and_bytes(), 0usize..4, cpu()).prop_map(|((at, bytes), advice, cpu)| {
            let advice = [Advice::Free, Advice::DontNeed, Advice::HugePage, Advice::NoHugePage][advice];
            Process::Madvise { at, advice, bytes, cpu }
        }),
        (target(), by, cpu()).prop_map(|(process, by, cpu)| Process::Brk { process, by, cpu }),
        malloc(),
        (at_and_bytes(), scan(), prop::option::of(cpu()))
            .prop_map(|((at, bytes), scan, cpu)| Process::Scan { at, bytes, scan, cpu }),
        (target(), cpu()).prop_map(|(process, cpu)| Process::Move { process, cpu }),
        (access, at_and_bytes(), cpu()).prop_map(|(access, (at, bytes), cpu)| Process::Access {
            access,
            at,
            bytes,
            cpu
        }),
    ]
    .boxed()
}

/// Ops of malloc, and of what lies in memory.
fn malloc() -> BoxedStrategy<Process> {
    let place = prop_oneof![
        3 => (target(), prop::option::of(target())).prop_map(|(area, by)| At::Area { area, by }),
        1 => target().prop_map(At::Heap),
        1 => target().prop_map(At::Stack),
    ];
    let part = prop::option::of(range(MAX_BYTES));
    prop_oneof![
        (target(), bytes(MAX_BYTES), any::<bool>(), cpu())
            .prop_map(|(area, bytes, may_move, cpu)| Process::Mremap { area, bytes, may_move, cpu }),
        (target(), target(), bytes(MAX_BLOCK), any::<bool>(), cpu()).prop_map(
            |(target, process, bytes, zero, cpu)| Process::Malloc { target, process, bytes, zero, cpu }
        ),
        (target(), target(), bytes(MAX_BLOCK), cpu()).prop_map(|(target, of, bytes, cpu)| {
            Process::Realloc { target, of, bytes: bytes.max(1), cpu }
        }),
        (place, part, any::<u8>(), cpu()).prop_map(|(at, bytes, value, cpu)| Process::Memset {
            at,
            value,
            bytes,
            cpu
        }),
        (at_and_bytes(), cpu()).prop_map(|((at, bytes), cpu)| Process::Hexdump { at, bytes, cpu }),
        (at_and_bytes(), any::<bool>(), cpu()).prop_map(|((at, bytes), locked, cpu)| Process::Mlock {
            at,
            bytes,
            locked,
            cpu
        }),
    ]
    .boxed()
}

/// How many different ones [`process_op`] knows.
pub const PROCESS_OPS: u8 = 40;

/// Ops on few processes with few areas each, so that names meet, and on few pages, so that they run at once.
pub fn process_op(what: u8, letter: u8, size: u8, cpu: u8) -> Process {
    let one_of = |names: [&str; 3], at: u8| Target::named(names[usize::from(at % 3)]);
    let process = one_of(["pa", "pb", "pc"], letter);
    let area = one_of(["ma", "mb", "mc"], letter / 3);
    let file = one_of(["fa", "fa", "fb"], letter / 9);
    let len = 4096 * (1 + u64::from(size));
    let by = (letter % 5 == 4).then(|| process.clone());
    let at = match letter % 7 {
        0 => At::Heap(process.clone()),
        1 => At::Stack(process.clone()),
        2 => At::Address(process.clone(), [0, 0x0040_0000, 0x7fff_f7ff_f000][usize::from(size % 3)]),
        _ => At::Area { area: area.clone(), by },
    };
    let from = 4096 * u64::from(letter % 4);
    let bytes = letter.is_multiple_of(2).then_some(ByteRange { from, to: from + len });
    let prot = [Prot::READ_WRITE, Prot::READ, Prot::READ_EXEC, Prot::NONE][usize::from(size % 4)];
    match what {
        0 => Process::File { target: file, bytes: 3 * len / 2, cached: if size > 5 { len } else { 0 }, cpu },
        1 | 2 => {
            let address_space = (size > 8).then_some(64 * len);
            let memlock = (letter % 4 == 3).then_some(u64::from(size % 3) * 5 * len);
            Process::Exec {
                target: process,
                limits: Rlimits { address_space, memlock, ..Rlimits::default() },
                task: TaskArgs::default(),
                cgroup: None,
                cpuset: None,
                cpu,
            }
        }
        3 => Process::Fork { target: process, parent: one_of(["pa", "pb", "pc"], letter + 1), cpu },
        4 => Process::Exit { process, cpu },
        5..=9 => {
            let args = MmapArgs {
                prot,
                shared: letter % 3 == 1,
                file: (what > 7).then_some((file, 4096 * u64::from(size % 3))),
                noreserve: letter % 4 == 3,
                populate: letter.is_multiple_of(5),
                locked: letter % 11 == 7,
                huge: false,
            };
            Process::Mmap { target: area, process, bytes: len, args: Box::new(args), cpu }
        }
        10 => Process::Munmap { at, bytes, cpu },
        11 => Process::Mprotect { at, prot, bytes },
        12 => Process::Madvise { at, advice: Advice::DontNeed, bytes, cpu },
        13 | 14 => Process::Brk { process, by: (i64::from(letter) - 8) * 6000, cpu },
        15..=18 => Process::Access { access: Access::Read, at, bytes, cpu },
        19 => Process::Access { access: Access::Exec, at, bytes, cpu },
        20..=23 => Process::Access { access: Access::Write, at, bytes, cpu },
        24 | 25 => {
            let bytes = [24, 100, 1000, 5000, 70_000, 140_000][usize::from(size % 6)];
            Process::Malloc { target: area, process, bytes, zero: letter.is_multiple_of(3), cpu }
        }
        26 => {
            let of = one_of(["ma", "mb", "mc"], letter / 2);
            Process::Realloc { target: area, of, bytes: 1 + 700 * u64::from(size), cpu }
        }
        27 | 28 if !matches!(at, At::Address(..)) => Process::Memset { at, value: letter, bytes, cpu },
        30 => Process::Mlock { at, bytes, locked: !letter.is_multiple_of(3), cpu },
        29 => Process::Mremap { area, bytes: len, may_move: letter.is_multiple_of(2), cpu },
        32..=34 => {
            let pattern = match size % 4 {
                0 => Pattern::Rows { rows: 4, columns: 8 },
                1 => Pattern::Columns { rows: 8, columns: 4 },
                2 => Pattern::Stride { bytes: 192 },
                _ => Pattern::Random { count: 30 },
            };
            let access = if letter.is_multiple_of(3) { Access::Write } else { Access::Read };
            let scan = Scan { access, pattern, elem: 8, times: 1 + u32::from(letter % 2) };
            Process::Scan { at, bytes, scan, cpu: (what > 32).then_some(cpu) }
        }
        35 => Process::Move { process, cpu },
        36 | 37 => {
            let stack = [None, Some(5 * len), Some(0)][usize::from(size % 3)];
            Process::Thread {
                target: one_of(["pa", "pb", "pc"], letter + 1 + size % 2),
                of: process,
                stack,
                cpu,
            }
        }
        38 => Process::Mlockall {
            process,
            current: letter.is_multiple_of(2),
            future: size.is_multiple_of(2),
            cpu,
        },
        _ => Process::Hexdump { at, bytes, cpu },
    }
}
