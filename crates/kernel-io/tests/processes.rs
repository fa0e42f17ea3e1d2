//! What `/proc/PID` says of the processes of a machine: each file whole, and its form beside a real kernel's.

use expect_test::{Expect, expect};
use kernel_io::{
    of_every_process, pid_maps, pid_of, pid_pagemap, pid_smaps, pid_smaps_rollup, pid_statm, pid_status, ps,
};
use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, At, ByteRange, Mm, MmapArgs, ProcessOp, Processes, Prot, Rlimits};
use mm::{Config, CpuId, Machine, Observer, Op, Step, UnitEnd};

const LIBC: NameId = NameId(0);
const P: NameId = NameId(1);
const CODE: NameId = NameId(2);
const M: NameId = NameId(3);
const SHARED: NameId = NameId(4);
const Q: NameId = NameId(5);
const CPU: CpuId = CpuId(0);
const KIB: u64 = 1024;

fn name(id: NameId) -> String {
    ["libc", "p", "code", "m", "shared", "a_name_of_21_letters"][id.0 as usize].to_owned()
}

fn mmap(name: NameId, kib: u64, args: MmapArgs) -> ProcessOp {
    ProcessOp::Mmap { name, process: P, bytes: kib * KIB, args, cpu: CPU }
}

fn touch(access: Access, at: At, from: u64, to: u64) -> ProcessOp {
    let bytes = Some(ByteRange { from: from * KIB, to: to * KIB });
    ProcessOp::Access { access, at, bytes, cpu: CPU }
}

fn area(name: NameId) -> At {
    At::Area { name, by: None }
}

/// A process with a file, a heap, memory of its own and memory to share.
fn parent() -> Vec<ProcessOp> {
    let code = MmapArgs { prot: Prot::READ_EXEC, file: Some((LIBC, 4 * KIB)), ..MmapArgs::ANONYMOUS };
    let shared = MmapArgs { shared: true, ..MmapArgs::ANONYMOUS };
    vec![
        ProcessOp::File { name: LIBC, bytes: 100 * KIB, cached: 100 * KIB, cpu: CPU },
        ProcessOp::Exec { name: P, limits: Rlimits::default(), task: TaskArgs::default(), cpu: CPU },
        mmap(CODE, 12, code),
        touch(Access::Exec, area(CODE), 0, 8),
        ProcessOp::Brk { process: P, by: 132 << 10, cpu: CPU },
        touch(Access::Write, At::Heap(P), 0, 8),
        mmap(M, 10 << 10, MmapArgs::ANONYMOUS),
        touch(Access::Write, area(M), 0, 12),
        touch(Access::Read, area(M), 16, 24),
        mmap(SHARED, 16, shared),
        touch(Access::Write, area(SHARED), 0, 8),
    ]
}

/// Then a child, which writes to a page that both have, and an area that falls into three.
fn family() -> Vec<ProcessOp> {
    let part = Some(ByteRange { from: 4 * KIB, to: 8 * KIB });
    let more = [
        ProcessOp::Fork { name: Q, parent: P, cpu: CPU },
        touch(Access::Write, At::Area { name: M, by: Some(Q) }, 0, 4),
        ProcessOp::Mprotect { at: area(M), bytes: part, prot: Prot::READ },
    ];
    [parent(), more.into()].concat()
}

fn run(ops: &[ProcessOp]) -> Machine {
    let mut machine = Machine::boot(&Config::x86_64(16_384)).expect("it boots");
    for op in ops {
        while machine.run_unit(&Op::Process(*op), &mut ()) == UnitEnd::More {}
    }
    machine
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(text);
}

fn of_parent(machine: &Machine, text: impl Fn(&Processes, &Mm) -> String) -> String {
    let processes = machine.processes();
    text(processes, processes.mm(P).expect("it runs"))
}

#[test]
fn status_statm_and_ps() {
    let machine = run(&family());
    check(
        &of_every_process(&machine, "status", |processes, mm| pid_status(processes, mm, name)),
        expect![[r#"
            ==> /proc/101/status <==
            Name:	p
            VmPeak:	   10532 kB
            VmSize:	   10532 kB
            VmLck:	       0 kB
            VmPin:	       0 kB
            VmHWM:	      44 kB
            VmRSS:	      44 kB
            RssAnon:	      24 kB
            RssFile:	      12 kB
            RssShmem:	       8 kB
            VmData:	   10368 kB
            VmStk:	     132 kB
            VmExe:	      12 kB
            VmLib:	       0 kB
            VmPTE:	      36 kB
            VmSwap:	       0 kB
            ==> /proc/105/status <==
            Name:	a_name_of_21_le
            VmPeak:	   10532 kB
            VmSize:	   10532 kB
            VmLck:	       0 kB
            VmPin:	       0 kB
            VmHWM:	      24 kB
            VmRSS:	      24 kB
            RssAnon:	      24 kB
            RssFile:	       0 kB
            RssShmem:	       0 kB
            VmData:	   10372 kB
            VmStk:	     132 kB
            VmExe:	      12 kB
            VmLib:	       0 kB
            VmPTE:	      32 kB
            VmSwap:	       0 kB
        "#]],
    );
    check(
        &of_every_process(&machine, "statm", pid_statm),
        expect![[r#"
        ==> /proc/101/statm <==
        2633 11 5 3 0 2625 0
        ==> /proc/105/statm <==
        2633 6 0 3 0 2626 0
    "#]],
    );
    // No golden that is indented with the code: the blanks at the beginning count.
    assert_eq!(
        ps(&machine, name).lines().collect::<Vec<_>>(),
        [
            "  PID  MINFL  MAJFL    VSZ   RSS COMMAND",
            "  101     11      0  10532    44 p",
            "  105      1      0  10532    24 a_name_of_21_le",
        ]
    );
    // A process alone has no heading.
    let machine = run(&parent());
    check(
        &of_every_process(&machine, "statm", pid_statm),
        expect![[r#"
        2633 11 5 3 0 2626 0
    "#]],
    );
}

#[test]
fn a_machine_without_processes_says_nothing_of_them() {
    let machine = run(&[]);
    assert_eq!(of_every_process(&machine, "maps", |processes, mm| pid_maps(processes, mm, name)), "");
    assert_eq!(ps(&machine, name), "  PID  MINFL  MAJFL    VSZ   RSS COMMAND\n");
}

/// As `ps` does it: a column that is too wide pushes the next one only as far as it has no blanks to spare.
#[test]
fn columns_that_are_too_narrow() {
    let all = MmapArgs { noreserve: true, ..MmapArgs::ANONYMOUS };
    let exec = ProcessOp::Exec { name: P, limits: Rlimits::default(), task: TaskArgs::default(), cpu: CPU };
    let machine = run(&[exec, mmap(M, 20 << 30, all)]);
    assert_eq!(
        ps(&machine, name),
        "  PID  MINFL  MAJFL    VSZ   RSS COMMAND\n  101      1      0 21474836612 4 p\n"
    );
}

#[test]
fn maps() {
    let machine = run(&family());
    let text = of_parent(&machine, |processes, mm| pid_maps(processes, mm, name));
    check(
        &text,
        expect![[r#"
        555555554000-555555575000 rw-p 00000000 00:00 0                          [heap]
        7ffff75f8000-7ffff75fc000 rw-s 00000000 00:01 2                          /dev/zero (deleted)
        7ffff75fc000-7ffff75fd000 rw-p 00000000 00:00 0 
        7ffff75fd000-7ffff75fe000 r--p 00000000 00:00 0 
        7ffff75fe000-7ffff7ffc000 rw-p 00000000 00:00 0 
        7ffff7ffc000-7ffff7fff000 r-xp 00001000 08:01 12                         /libc
        7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
    "#]],
    );
    // Where there is a name, it begins in the same column as in a kernel's file.
    let kernel = include_str!("data/amd64_256M_smp1/self_smaps_cut.txt");
    let column = |text: &str, name: &str| {
        text.lines().find(|line| line.ends_with(name)).map(|line| line.len() - name.len())
    };
    for (ours, theirs) in [("[heap]", "[heap]"), ("[stack]", "[stack]"), ("/libc", "/bin/busybox")] {
        assert_eq!(column(&text, ours), Some(73));
        assert_eq!(column(kernel, theirs), Some(73));
    }
}

#[test]
fn smaps() {
    let machine = run(&family());
    let text = of_parent(&machine, |processes, mm| pid_smaps(processes, mm, name));
    // One area is enough to see: its page is the child's as well. The sums of all areas leave out what is only read,
    // which is the page of zeros.
    let from = text.find("r--p").and_then(|at| text[..at].rfind('\n')).expect("an area that is read");
    check(
        text[from + 1..].split_inclusive('\n').take(24).collect::<String>().as_str(),
        expect![[r#"
        7ffff75fd000-7ffff75fe000 r--p 00000000 00:00 0 
        Size:                  4 kB
        KernelPageSize:        4 kB
        MMUPageSize:           4 kB
        Rss:                   4 kB
        Pss:                   2 kB
        Pss_Dirty:             2 kB
        Shared_Clean:          0 kB
        Shared_Dirty:          4 kB
        Private_Clean:         0 kB
        Private_Dirty:         0 kB
        Referenced:            4 kB
        Anonymous:             4 kB
        LazyFree:              0 kB
        AnonHugePages:         0 kB
        ShmemPmdMapped:        0 kB
        FilePmdMapped:         0 kB
        Shared_Hugetlb:        0 kB
        Private_Hugetlb:       0 kB
        Swap:                  0 kB
        SwapPss:               0 kB
        Locked:                0 kB
        THPeligible:    0
        VmFlags: rd mr mw me ac sd 
    "#]],
    );
    check(
        &of_parent(&machine, pid_smaps_rollup),
        expect![[r#"
        555555554000-7ffffffff000 ---p 00000000 00:00 0                          [rollup]
        Rss:                  44 kB
        Pss:                  34 kB
        Pss_Dirty:            22 kB
        Pss_Anon:             14 kB
        Pss_File:             12 kB
        Pss_Shmem:             8 kB
        Shared_Clean:          0 kB
        Shared_Dirty:         20 kB
        Private_Clean:        12 kB
        Private_Dirty:        12 kB
        Referenced:           40 kB
        Anonymous:            24 kB
        LazyFree:              0 kB
        AnonHugePages:         0 kB
        ShmemPmdMapped:        0 kB
        FilePmdMapped:         0 kB
        Shared_Hugetlb:        0 kB
        Private_Hugetlb:       0 kB
        Swap:                  0 kB
        SwapPss:               0 kB
        Locked:                0 kB
    "#]],
    );
}

/// Code of a file, the heap and the stack of a program on a Debian kernel: the same lines in the same order, figures
/// in the same columns, the same flags.
#[test]
fn smaps_has_the_form_of_the_kernels() {
    let figures_blank = |text: &str| {
        let blank = |line: &str| line.replace(|c: char| c.is_ascii_digit(), " ");
        let fields = text.lines().filter(|line| line.contains(": "));
        fields.map(blank).collect::<Vec<String>>()
    };
    let kernel = include_str!("data/amd64_256M_smp1/self_smaps_cut.txt");
    let code = MmapArgs { prot: Prot::READ_EXEC, file: Some((LIBC, 0)), ..MmapArgs::ANONYMOUS };
    let machine = run(&[
        ProcessOp::File { name: LIBC, bytes: 100 * KIB, cached: 0, cpu: CPU },
        ProcessOp::Exec { name: P, limits: Rlimits::default(), task: TaskArgs::default(), cpu: CPU },
        mmap(CODE, 12, code),
        ProcessOp::Brk { process: P, by: 132 << 10, cpu: CPU },
    ]);
    let ours = of_parent(&machine, |processes, mm| pid_smaps(processes, mm, name));
    // Here the heap lies below the file.
    let (heap, code) = ours.split_at(ours.find("7fff").expect("the file's area"));
    let (code, stack) = code.split_at(code.rfind("7fff").expect("the stack"));
    let ours = [code, heap, stack].concat();
    assert_eq!(figures_blank(&ours), figures_blank(kernel));
}

#[test]
fn pagemap() {
    let machine = run(&family());
    let text = of_every_process(&machine, "pagemap", |processes, mm| pid_pagemap(processes, mm, name));
    check(
        &text,
        expect![[r#"
        ==> /proc/101/pagemap <==
        555555554000-555555575000 rw-p 00000000 00:00 0                          [heap]
        555555554000 808000000000101a pfn 4122 present,soft-dirty
        555555555000 808000000000101b pfn 4123 present,soft-dirty
        7ffff75f8000-7ffff75fc000 rw-s 00000000 00:01 2                          /dev/zero (deleted)
        7ffff75f8000 a18000000000101f pfn 4127 present,file,exclusive,soft-dirty
        7ffff75f9000 a180000000001020 pfn 4128 present,file,exclusive,soft-dirty
        7ffff75fc000-7ffff75fd000 rw-p 00000000 00:00 0 
        7ffff75fc000 818000000000101c pfn 4124 present,exclusive,soft-dirty
        7ffff75fd000-7ffff75fe000 r--p 00000000 00:00 0 
        7ffff75fd000 808000000000101d pfn 4125 present,soft-dirty
        7ffff75fe000-7ffff7ffc000 rw-p 00000000 00:00 0 
        7ffff75fe000 808000000000101e pfn 4126 present,soft-dirty
        7ffff7600000 8080000000000001 pfn 1 present,soft-dirty
        7ffff7601000 8080000000000001 pfn 1 present,soft-dirty
        7ffff7ffc000-7ffff7fff000 r-xp 00001000 08:01 12                         /libc
        7ffff7ffc000 a180000000001001 pfn 4097 present,file,exclusive,soft-dirty
        7ffff7ffd000 a180000000001002 pfn 4098 present,file,exclusive,soft-dirty
        7ffff7ffe000 a180000000001003 pfn 4099 present,file,exclusive,soft-dirty
        7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
        7fffffffe000 8080000000001019 pfn 4121 present,soft-dirty
        ==> /proc/105/pagemap <==
        555555554000-555555575000 rw-p 00000000 00:00 0                          [heap]
        555555554000 808000000000101a pfn 4122 present,soft-dirty
        555555555000 808000000000101b pfn 4123 present,soft-dirty
        7ffff75fc000-7ffff7ffc000 rw-p 00000000 00:00 0 
        7ffff75fc000 8180000000001021 pfn 4129 present,exclusive,soft-dirty
        7ffff75fd000 808000000000101d pfn 4125 present,soft-dirty
        7ffff75fe000 808000000000101e pfn 4126 present,soft-dirty
        7ffff7600000 8080000000000001 pfn 1 present,soft-dirty
        7ffff7601000 8080000000000001 pfn 1 present,soft-dirty
        7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
        7fffffffe000 8080000000001019 pfn 4121 present,soft-dirty
    "#]],
    );
    // Of many pages only some are written out.
    let mut ops = family();
    ops.push(touch(Access::Write, area(M), 8, 10 << 10));
    let text = of_parent(&run(&ops), |processes, mm| pid_pagemap(processes, mm, name));
    assert!(text.contains("… pages left out: 2494\n"), "{text}");
}

/// What the files say of a process in different words.
fn agree(machine: &Machine) {
    let processes = machine.processes();
    for mm in processes.mms() {
        let status = pid_status(processes, mm, name);
        // The sum of a field, in the unit of the text.
        let sum = |text: &str, field: &str| {
            let values = text.lines().filter_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            let values = values.filter_map(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
            values.sum::<u64>()
        };
        let (smaps, rollup) = (pid_smaps(processes, mm, name), pid_smaps_rollup(processes, mm));
        assert_eq!(sum(&smaps, "Size"), sum(&status, "VmSize"));
        for (field, of_status) in [("Rss", "VmRSS"), ("Anonymous", "RssAnon")] {
            assert_eq!(sum(&smaps, field), sum(&status, of_status), "{smaps}{status}");
            assert_eq!(sum(&rollup, field), sum(&status, of_status), "{rollup}{status}");
        }
        let parts = ["RssAnon", "RssFile", "RssShmem"].map(|part| sum(&status, part));
        assert_eq!(parts.iter().sum::<u64>(), sum(&status, "VmRSS"));
        assert!(sum(&rollup, "Pss_Dirty") <= sum(&rollup, "Pss"));
        // The line of an area is the same in both files.
        let maps = pid_maps(processes, mm, name);
        assert!(maps.lines().all(|line| smaps.lines().any(|other| other == line)));
        let pages: Vec<u64> = pid_statm(processes, mm).split(' ').flat_map(str::parse).collect();
        assert_eq!([pages[0] * 4, pages[1] * 4], [sum(&status, "VmSize"), sum(&status, "VmRSS")]);
    }
}

struct Looker;

impl Observer for Looker {
    fn step(&mut self, machine: &Machine, _: &Step) {
        agree(machine);
    }
}

#[test]
fn the_files_agree_at_every_step() {
    let mut machine = Machine::boot(&Config::x86_64(16_384)).expect("it boots");
    let exits = [P, Q].map(|process| ProcessOp::Exit { process, cpu: CPU });
    for op in family().into_iter().chain(exits) {
        while machine.run_unit(&Op::Process(op), &mut Looker) == UnitEnd::More {}
    }
}

/// A number does not change when another process comes or goes.
#[test]
fn numbers_of_processes() {
    let exit = ProcessOp::Exit { process: P, cpu: CPU };
    let machine = run(&[family(), vec![exit]].concat());
    let text = ps(&machine, name);
    assert_eq!(text.lines().count(), 2);
    assert!(text.contains(&format!("\n  {} ", pid_of(Q))), "{text}");
}
