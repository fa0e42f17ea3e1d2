//! Processes in the language: what is said and understood, what is wrong with it, and how it travels in a link.

mod checks;

use checks::{check, check_ops, has_both_languages};
use expect_test::expect;
use mm::Op;
use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::oom_kill::{OomOp, OomRules, TaskArgs};
use mm::op::{NameId, ProcessOp, Sysctl};
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, Prot, Rlimits};
use mm::units::{CpuId, Vaddr};
use scenario::link::{Cursor, LinkState, decode, encode};
use scenario::{Scenario, parse, parse_statement, print, print_statement};

/// Every op in every form, as the printer writes it.
const ALL: &str = "ram 64M
cpus 2
libc = file 2500K
data = file 1G cpu=1
warm = file 64K cached
half = file 64K cached=32K
p = exec
small = exec stack=1M as=64M cpu=1
old = exec memlock=64K uid=1000 nice=-5 cputime=3600 age=86400 stuck cpu=1
oom_score_adj p 500
oom_score_adj old -1000 root
oom_adj p -17
sysrq f
q = fork p cpu=1
m = mmap p 10M
c = mmap p 500K file=libc offset=4K rx
s = mmap small 64K file=data shared noreserve populate cpu=1
none = mmap p 0 none
write m
read m 0..64K
write m 4K..8K by=q cpu=1
exec c by=q
brk p +132K
brk p -8K cpu=1
write p heap 0..64K
write p stack 0..1M
read p 0x0
write p 0x7fff12345000 0..8K
mprotect m r
mprotect m none 0..64K
mprotect p stack rwx 0..4K
mprotect m rw by=q
munmap m 0..64K
madvise m dontneed
madvise m dontneed 0..64K by=q cpu=1
madvise p heap dontneed
munmap p heap 0..4K
munmap p 0x7f0000000000 0..4K
munmap m by=q
munmap m cpu=1
exit q
exit p cpu=1
";

fn scenario(text: &str) -> Scenario {
    match parse(&format!("ram 64M\ncpus 2\n{text}")).strict() {
        Ok(scenario) => scenario,
        Err(diagnostics) => panic!("{diagnostics:?}"),
    }
}

/// What the engine is asked, and the names.
fn ops(text: &str) -> (Vec<ProcessOp>, Vec<String>) {
    let scenario = scenario(text);
    let ops = scenario.engine_ops().map(|op| match op {
        mm::Op::Process(op) => *op,
        other => panic!("{other:?}"),
    });
    (ops.collect(), scenario.names.clone())
}

/// A line as the printer writes it.
fn printed(line: &str) -> String {
    print_statement(&parse_statement(line).expect(line))
}

#[test]
fn every_op_is_printed_as_it_is_read() {
    let parsed = parse(ALL);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(print(&parsed.document), ALL);
    for line in ALL.lines().skip(2) {
        assert_eq!(printed(line), line);
    }
}

#[test]
fn there_is_one_way_to_write_each() {
    for (written, canonical) in [
        ("f = file 2048 KiB cached cpu=0", "f = file 2M cached"),
        ("f = file 2048 KiB cached=2M", "f = file 2M cached"),
        ("f = file 500K cached=400K cpu=1", "f = file 500K cached=400K cpu=1"),
        ("f = file 500K cached=0", "f = file 500K"),
        ("p = exec cpu=1 as=65536K stack=8M", "p = exec as=64M cpu=1"),
        (
            "m = mmap p 64K cpu=1 populate noreserve shared rw offset=0 file=f",
            "m = mmap p 64K file=f shared noreserve populate cpu=1",
        ),
        ("m = mmap p 4096 offset=8K r file=f", "m = mmap p 4K file=f offset=8K r"),
        ("read m cpu=1 by=q", "read m by=q cpu=1"),
        ("write m[2*i] 0 .. 65536 by=q[i]", "write m[2*i] 0..64K by=q[i]"),
        ("read p 0X1F", "read p 0x1f"),
        ("brk p + 4 KiB", "brk p +4K"),
        ("brk p -0", "brk p +0"),
    ] {
        assert_eq!(printed(written), canonical);
        assert_eq!(printed(canonical), canonical);
    }
}

#[test]
fn the_engine_is_asked_what_was_said() {
    let (said, names) = ops("f = file 2500K cached cpu=1
p = exec stack=1M as=64M
q = fork p
m = mmap p 10M
n = mmap p 8K file=f offset=4K rx shared noreserve populate cpu=1
write m 0..64K by=q
exec n
read p heap
write p stack 0..1M
read q 0x1000 0..2
brk p -8K
mprotect m none 4K..8K
madvise m dontneed
munmap m by=q
munmap m
exit p
");
    assert_eq!(names, ["f", "p", "q", "m", "n"]);
    let [f, p, q, m, n] = [0, 1, 2, 3, 4].map(NameId);
    let (cpu, other) = (CpuId(0), CpuId(1));
    let area = |name| At::Area { name, by: None };
    let range = |from, to| Some(ByteRange { from, to });
    let args = MmapArgs {
        prot: Prot::READ_EXEC,
        shared: true,
        file: Some((f, 4096)),
        noreserve: true,
        populate: true,
        locked: false,
        huge: false,
    };
    let by_q = At::Area { name: m, by: Some(q) };
    let expected = [
        ProcessOp::File { name: f, bytes: 2500 << 10, cached: 2500 << 10, cpu: other },
        ProcessOp::Exec {
            name: p,
            limits: Rlimits { stack: 1 << 20, address_space: Some(64 << 20), memlock: None },
            task: TaskArgs::default(),
            cpu,
        },
        ProcessOp::Fork { name: q, parent: p, cpu },
        ProcessOp::Mmap { name: m, process: p, bytes: 10 << 20, args: MmapArgs::ANONYMOUS, cpu },
        ProcessOp::Mmap { name: n, process: p, bytes: 8 << 10, args, cpu: other },
        ProcessOp::Access { access: Access::Write, at: by_q, bytes: range(0, 64 << 10), cpu },
        ProcessOp::Access { access: Access::Exec, at: area(n), bytes: None, cpu },
        ProcessOp::Access { access: Access::Read, at: At::Heap(p), bytes: None, cpu },
        ProcessOp::Access { access: Access::Write, at: At::Stack(p), bytes: range(0, 1 << 20), cpu },
        ProcessOp::Access {
            access: Access::Read,
            at: At::Address(q, Vaddr(0x1000)),
            bytes: range(0, 2),
            cpu,
        },
        ProcessOp::Brk { process: p, by: -8192, cpu },
        ProcessOp::Mprotect { at: area(m), bytes: range(4096, 8192), prot: Prot::NONE },
        ProcessOp::Madvise { at: area(m), advice: Advice::DontNeed, bytes: None, cpu },
        ProcessOp::Munmap { at: by_q, bytes: None, cpu },
        ProcessOp::Munmap { at: area(m), bytes: None, cpu },
        ProcessOp::Exit { process: p, cpu },
    ];
    assert_eq!(said, expected);
}

#[test]
fn loops_count_all_names_of_a_line() {
    let (said, names) = ops("p = exec
for i in 0..1
  f[i] = file 4K
  q[i] = fork p
  m[i] = mmap q[i] 4K file=f[i]
  read m[i] by=q[i]
end
");
    assert_eq!(names, ["p", "f[0]", "q[0]", "m[0]", "f[1]", "q[1]", "m[1]"]);
    let at = At::Area { name: NameId(6), by: Some(NameId(5)) };
    let expected = ProcessOp::Access { access: Access::Read, at, bytes: None, cpu: CpuId(0) };
    assert_eq!(said.last(), Some(&expected));
    check_ops(
        "p = exec\nfor i in 0..1\n  m[i] = mmap p[j] 4K\n  read m[i] by=p[k]\n  n[i] = mmap p 4K file=f[l]\nend",
        expect![[r#"
            5:15: error: no loop around this line counts `j` (hint: did you mean `i`?)
            6:16: error: no loop around this line counts `k` (hint: did you mean `i`?)
            7:25: error: no loop around this line counts `l` (hint: did you mean `i`?)"#]],
    );
}

/// The words of processes came later than texts in which blocks are called so.
#[test]
fn words_of_processes_may_be_names() {
    let text = "file = alloc order=0 file
read[1] = alloc order=0
exec = kmalloc 40
write = workload 9 orders=0 anon=1
mmap = vmalloc 64K
free file
free read[1]
touch exec
free write
exit = exec
fork = fork exit
brk = mmap exit 4K
read brk
exec brk by=fork
heap = mmap exit 4K
write heap
write exit heap 0..1
brk exit +4K
munmap brk
exit fork
exit exit
";
    check_ops(text, expect![[r#""#]]);
    assert_eq!(print(&parse(text).document), text.replace("order=0\n", "order=0 unmovable\n"));
}

#[test]
fn a_link_opens_as_the_same_text() {
    for text in [ALL.to_owned(), "ram 4M\np = exec\nm = mmap p 1M\nwrite m\n".to_owned()] {
        let ops = parse(&text).lower().expect("it runs").ops.len() as u32;
        for op in 0..=ops {
            let state = LinkState::new(&text, Cursor { op, step: 0 }, None);
            let link = encode(&state).expect("it is short");
            assert_eq!(decode(&link), Ok(Some(state)));
        }
    }
    // The dictionary does not know these words, and the model learns them while it reads.
    let link = encode(&LinkState::new(ALL, Cursor::default(), None)).expect("it is short");
    let lz = lz_str::compress_to_encoded_uri_component(ALL).len();
    assert!(4 * link.len() <= 3 * lz, "{} of {lz}", link.len());
}

#[test]
fn what_is_misspelt_or_missing() {
    let mut said = String::new();
    for line in [
        "p = exce",
        "p = exec stak=1M",
        "p = exec stack",
        "p = exec stack=",
        "p = exec stack=1M stack=2M",
        "p = exec as=200T as=129024G",
        "exec",
        "f = file",
        "f = file 17G",
        "f = file 4K cahed",
        "f = file 4K cached r",
        "f = file 4K cached cached",
        "q = fork",
        "q = fork 7",
        "exit",
        "m = mmap",
        "m = mmap 10M",
        "m = mmap p",
        "m = mmap p 10Q",
        "m = mmap p 200000G",
        "m = mmap p 4K rv shred file=",
        "m = mmap p 4K r rw",
        "m = mmap p 4K +",
        "m = mmap p 4K offset=4K",
        "m = mmap p 4K file=f offset=4000",
        "munmap",
        "munmap m 64K",
        "munmap m 0..",
        "munmap m 64K..0",
        "munmap m 4K..4K",
        "munmap m 0..200000G",
        "munmap m all",
        "mprotect m",
        "mprotect m rr",
        "mprotect m 0..4K r",
        "mprotect m r cpu=1",
        "madvise m",
        "madvise m dontned",
        "madvise m willneed",
        "brk p",
        "brk p 132K",
        "brk p +",
        "brk p * 4K",
        "brk p +200000G",
        "read",
        "raed m",
        "write m by",
        "write m by=7",
        "write m by=q by=q",
        "write p heap by=q",
        "write p stck 0..4K",
        "read p 0x",
        "read p 0xffffffffffffffff",
        "read p 0xfffffffffffff000",
        "read p 0xffffffffffffefff 0..2",
        "read m -1",
    ] {
        let diagnostics = parse_statement(line).expect_err(line);
        diagnostics.iter().for_each(has_both_languages);
        said += &format!("{line}\n");
        diagnostics.iter().for_each(|diagnostic| said += &format!("    {diagnostic}\n"));
    }
    expect![[r#"
        p = exce
            1:5: error: expected `alloc`, `workload`, `kmalloc` or the like, found `exce` (hint: did you mean `exec`?)
        p = exec stak=1M
            1:10: error: there is no option `stak` here (hint: did you mean `stack`?)
        p = exec stack
            1:15: error: expected `=`, but the line ends here
        p = exec stack=
            1:16: error: expected a number of bytes, but the line ends here (hint: for example `64K`)
        p = exec stack=1M stack=2M
            1:25: error: `stack` stands here twice
        p = exec as=200T as=129024G
            1:13: error: expected a number of bytes, found `200T` (hint: for example `64K`)
        exec
            1:5: error: expected a name, but the line ends here (hint: for example `a`)
        f = file
            1:9: error: expected a number of bytes, but the line ends here (hint: for example `64K`)
        f = file 17G
            1:10: error: number of bytes is between 0 and 17179869184, not 17G
        f = file 4K cahed
            1:13: error: there is no option `cahed` here (hint: did you mean `cached`?)
        f = file 4K cached r
            1:20: error: there is no option `r` here
        f = file 4K cached cached
            1:20: error: there is no option `cached` here
        q = fork
            1:9: error: expected the name of a process, but the line ends here (hint: for example `p`)
        q = fork 7
            1:10: error: expected the name of a process, found `7` (hint: for example `p`)
        exit
            1:5: error: expected the name of a process, but the line ends here (hint: for example `p`)
        m = mmap
            1:9: error: expected the name of a process, but the line ends here (hint: for example `p`)
        m = mmap 10M
            1:10: error: expected the name of a process, found `10M` (hint: for example `p`)
        m = mmap p
            1:11: error: expected a number of bytes, but the line ends here (hint: for example `64K`)
        m = mmap p 10Q
            1:12: error: expected a number of bytes, found `10Q` (hint: for example `64K`)
        m = mmap p 200000G
            1:12: error: number of bytes is between 0 and 140737488355328, not 200000G
        m = mmap p 4K rv shred file=
            1:15: error: there is no option `rv` here (hint: did you mean `r`?)
            1:18: error: there is no option `shred` here (hint: did you mean `shared`?)
            1:29: error: expected a name, but the line ends here (hint: for example `a`)
        m = mmap p 4K r rw
            1:17: error: `rw` stands here twice
        m = mmap p 4K +
            1:15: error: the statement is complete, but `+` follows (hint: a comment begins with `#`)
        m = mmap p 4K offset=4K
            1:15: error: `offset=` says where in a file, and no file is mapped (hint: name the file: `m = mmap p 64K file=libc offset=4K`)
        m = mmap p 4K file=f offset=4000
            1:29: error: 4000 is no whole number of 4 KiB frames (hint: a multiple of 4K)
        munmap
            1:7: error: expected a name, but the line ends here (hint: for example `a`)
        munmap m 64K
            1:13: error: expected a range of bytes, but the line ends here (hint: for example `0..64K`)
        munmap m 0..
            1:13: error: expected a number of bytes, but the line ends here (hint: for example `64K`)
        munmap m 64K..0
            1:10: error: no byte is in 64K..0: a range ends before its second number (hint: did you mean 0..64K?)
        munmap m 4K..4K
            1:10: error: no byte is in 4K..4K: a range ends before its second number (hint: `0..4K` is the first page)
        munmap m 0..200000G
            1:13: error: number of bytes is between 0 and 140737488355328, not 200000G
        munmap m all
            1:10: error: there is no option `all` here
        mprotect m
            1:11: error: expected `r`, `rw`, `rx`, `none` or the like, but the line ends here (hint: for example `mprotect m r`)
        mprotect m rr
            1:12: error: expected `r`, `rw`, `rx`, `none` or the like, found `rr` (hint: did you mean `r`?)
        mprotect m 0..4K r
            1:12: error: expected `r`, `rw`, `rx`, `none` or the like, found `0` (hint: for example `mprotect m r`)
        mprotect m r cpu=1
            1:14: error: there is no option `cpu` here
        madvise m
            1:10: error: expected `dontneed`, but the line ends here (hint: for example `madvise m dontneed`)
        madvise m dontned
            1:11: error: expected `dontneed`, found `dontned` (hint: did you mean `dontneed`?)
        madvise m willneed
            1:11: error: expected `dontneed`, found `willneed` (hint: for example `madvise m dontneed`)
        brk p
            1:6: error: expected `+` or `-` and a number of bytes, but the line ends here (hint: for example `brk p +132K`)
        brk p 132K
            1:7: error: expected `+` or `-` and a number of bytes, found `132K` (hint: for example `brk p +132K`)
        brk p +
            1:8: error: expected a number of bytes, but the line ends here (hint: for example `64K`)
        brk p * 4K
            1:7: error: expected `+` or `-` and a number of bytes, found `*` (hint: for example `brk p +132K`)
        brk p +200000G
            1:8: error: number of bytes is between 0 and 140737488355328, not 200000G
        read
            1:5: error: expected a name, but the line ends here (hint: for example `a`)
        raed m
            1:1: error: `raed` begins no statement (hint: did you mean `read`?)
        write m by
            1:11: error: expected `=`, but the line ends here
        write m by=7
            1:12: error: expected the name of a process, found `7` (hint: for example `p`)
        write m by=q by=q
            1:17: error: `by` stands here twice
        write p heap by=q
            1:14: error: `by=` cannot stand here: the line names a process already (hint: behind an area: `write m by=q`; of another process: `write q heap`)
        write p stck 0..4K
            1:9: error: there is no option `stck` here
            1:14: error: there is no option `0` here
        read p 0x
            1:8: error: expected an address, found `0x` (hint: for example `0x7fff12345000`)
        read p 0xffffffffffffffff
            1:8: error: address is between 0 and 18446744073709547519, not 0xffffffffffffffff
        read p 0xfffffffffffff000
            1:8: error: address is between 0 and 18446744073709547519, not 0xfffffffffffff000
        read p 0xffffffffffffefff 0..2
            1:30: error: number of bytes is between 0 and 1, not 2
        read m -1
            1:8: error: the statement is complete, but `- 1` follows (hint: a comment begins with `#`)
    "#]].assert_eq(&said);
}

#[test]
fn names_and_cpus() {
    // Names that stand for nothing, each once in a line and its loop.
    check_ops(
        "p = exec\nq = fork pp\nm = mmap pq 4K file=ff\nwrite m by=qq\nread x\nbrk y +4K\nexit z\nmunmap w",
        expect![[r#"
            4:10: error: nothing is called `pp` (hint: did you mean `p`?)
            5:10: error: nothing is called `pq` (hint: did you mean `p`?)
            5:21: error: nothing is called `ff`
            6:12: error: nothing is called `qq` (hint: did you mean `q`?)
            7:6: error: nothing is called `x`
            8:5: error: nothing is called `y`
            9:6: error: nothing is called `z`
            10:8: error: nothing is called `w`"#]],
    );
    check_ops(
        "q = fork p\np = exec",
        expect!["3:10: error: `p` is used before line 4 asks for it (hint: move this line below it)"],
    );
    check_ops(
        "p = exec\nfor i in 0..2\n  q[i] = fork p\nend\nexit q[3]\nexit q",
        expect![[r#"
        7:6: error: nothing is called `q[3]`; the row has 0 to 2 (hint: a range includes both ends: 0..63 is 64 turns)
        8:6: error: nothing is called `q` (hint: did you mean `q[0]`?)"#]],
    );
    check_ops(
        "p = exce\nm = mmap p 4K\nexit p",
        expect![
            "3:5: error: expected `alloc`, `workload`, `kmalloc` or the like, found `exce` (hint: did you mean `exec`?)"
        ],
    );
    // What is given back, and what is given twice.
    check_ops(
        "p = exec\nexit p\nexit p\np = exec\np = exec",
        expect![[r#"
        5:6: error: `p` was freed on line 4 already
        7:1: warning: `p` still holds what line 6 asked for, unless that request fails"#]],
    );
    check_ops(
        "p = exec\nm = mmap p 4K\nmunmap m 0..4K\nmunmap m\nmunmap m",
        expect!["7:8: error: `m` was freed on line 6 already"],
    );
    check_ops(
        "p = exec\nm = mmap p 4K\nm = mmap p 4K",
        expect!["5:1: warning: `m` still holds what line 4 asked for, unless that request fails"],
    );
    // With its process an area is gone, and its name may be used again.
    check_ops(
        "p = exec\nm = mmap p 4K\nexit p\np = exec\nm = mmap p 4K\nm = kmalloc 8",
        expect!["8:1: warning: `m` still holds what line 7 asked for, unless that request fails"],
    );
    check_ops(
        "p = exec\nm = mmap p 4K\nmunmap m\nexit p\nm = kmalloc 8\nm = kmalloc 8",
        expect!["8:1: warning: `m` still holds what line 7 asked for, unless that request fails"],
    );
    // What the engine answers: it is no process, it has no such area, there is nothing.
    check_ops(
        "p = exec\na = alloc order=0\nm = mmap a 4K\nread p\nread m by=a\nexit m\nexit p\nread p heap\nexec p 0x0",
        expect![[r#""#]],
    );
    check(
        "ram 64M\ncpus 2\np = exec cpu=2\nm = mmap p 4K cpu=3\nwrite m cpu=1\nread m cpu=4\nexit p cpu=64",
        expect![[r#"
            3:14: error: this machine has no CPU 2, only 0 to 1
            4:19: error: this machine has no CPU 3, only 0 to 1
            6:12: error: this machine has no CPU 4, only 0 to 1
            7:12: error: CPU is between 0 and 63, not 64"#]],
    );
}

#[test]
fn pages_are_counted() {
    let most = "p = exec\nm = mmap p 16G noreserve\n";
    // Where nothing is touched, nothing is counted.
    check_ops(&format!("{most}h = mmap p 131072G\nf = file 16G\nmunmap m\nmprotect h r"), expect![[r#""#]]);
    check_ops(&format!("{most}write m\nread m 0..3G\nread m 0..64M"), expect![[r#""#]]);
    check_ops(
        &format!("{most}q = fork p\nwrite m by=q\nread m 0..5G"),
        expect![
            "7:1: error: 5505024 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nread p 0x1000 0..20G",
        expect![
            "4:1: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nwrite p stack 0..10G\nwrite p stack",
        expect![
            "5:1: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nbrk p +16G\nbrk p -5G\nwrite p heap\nwrite p heap",
        expect![
            "7:1: error: 5767168 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nm = mmap p 20G populate",
        expect![
            "4:1: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "f = file 16G cached\ng = file 16G cached",
        expect![
            "4:1: error: 8388608 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    // All turns of a loop, and workloads and areas of vmalloc too.
    check_ops(
        "p = exec\nfor i in 0..9\n  m[i] = mmap p 2G\n  write m[i]\nend\nfree nothing",
        expect![
            "6:3: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nm = mmap p 4G\nw = workload 1000000 anon=1\nv = vmalloc 12G\nwrite m",
        expect![
            "7:1: error: 1048576 pages are touched, copied or changed up to here, besides 4145728 actions of workloads; a scenario has at most 5000000 of both (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nm = mmap p 8G\nwrite m\nread m 0..8K\nfor i in 0..3\n  w[i] = workload 1000000 anon=1\nend",
        expect![
            "7:1: error: 2097154 pages are touched, copied or changed up to here, besides 4000000 actions of workloads; a scenario has at most 5000000 of both (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    // A child has the pages of its parent, and they are copied or changed one by one.
    check_ops(
        "p = exec\nm = mmap p 1G\nwrite m\nfor i in 0..99\n  q = fork p\n  exit q\nend",
        expect![
            "7:3: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nm = mmap p 1G\nwrite m\nwrite m\nq = fork p\nfor i in 0..99\n  mprotect m r by=q\nend",
        expect![
            "9:3: error: 5242880 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec\nm = mmap p 4K\nwrite m\nfor i in 0..9999\n  q = fork p\n  mprotect m r\n  exit q\nend",
        expect![[r#""#]],
    );
    // What a child has longer than its parent, and what an access to some address lets grow.
    check_ops(
        "p = exec\nm = mmap p 12G\nq = fork p\nmunmap m\nwrite m by=q\nexit p\nwrite m by=q",
        expect![
            "9:1: error: 6291456 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    check_ops(
        "p = exec stack=12G\nread p 0x7fff00000000\nwrite p stack\nwrite p stack",
        expect![
            "6:1: error: 6291457 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
    // Up to there it runs.
    let parsed = parse("ram 64M\np = exec\nm = mmap p 16G\nwrite m\nwrite m\nexit p\n");
    assert_eq!(parsed.lower().map(|scenario| scenario.ops.len()), Some(3));
}

/// However the text is made, reading it takes no longer than its ops.
#[test]
fn the_longest_story_is_read_at_once() {
    let text = "ram 64M\np = exec\nfor i in 0..24998\n  m[i] = mmap p 131072G\n  p[i] = fork p\n  exit p[i]\n  \
                munmap m[i]\nend\n";
    let parsed = parse(text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.lower().map(|scenario| scenario.ops.len()), Some(99_997));
}

#[test]
fn what_decides_who_is_killed() {
    let scenario = scenario(
        "oom_killer 2.6.32\npanic_on_oom 2\np = exec uid=root nice=+3\noom_score_adj p +5\noom_adj p 15 root\nsysrq f\nsysctl vm.oom_kill_allocating_task 1",
    );
    assert_eq!(scenario.config.oom_rules, OomRules::V2_6_32);
    assert_eq!(scenario.config.tunables.panic_on_oom, 2);
    let p = NameId(0);
    let ops: Vec<_> = scenario.ops.iter().map(|op| op.op.clone()).collect();
    let task = TaskArgs { nice: 3, ..TaskArgs::default() };
    assert_eq!(
        ops,
        [
            Op::Process(ProcessOp::Exec { name: p, limits: Rlimits::default(), task, cpu: CpuId(0) }),
            Op::Process(ProcessOp::Oom(OomOp::ScoreAdj { process: p, value: 5, root: false })),
            Op::Process(ProcessOp::Oom(OomOp::Adj { process: p, value: 15, root: true })),
            Op::Process(ProcessOp::Oom(OomOp::Sysrq)),
            Op::Sysctl(Sysctl::OomKillAllocatingTask(1)),
        ]
    );
}

#[test]
fn levels_of_androids_driver() {
    let of = |line: &str| scenario(&format!("{line}\np = exec")).config;
    let levels = |line: &str| {
        let levels = of(line).lowmem.expect("it is there");
        levels.used().map(|(adj, pages)| (adj, pages.0)).collect::<Vec<_>>()
    };
    assert!(of("lowmemorykiller on").reclaim.is_some());
    assert_eq!(of("lowmemorykiller off").lowmem, None);
    assert_eq!(levels("lowmemorykiller on"), [(0, 1536), (1, 2048), (6, 4096), (12, 16384)]);
    assert_eq!(levels("lowmemorykiller on minfree=9,8"), [(0, 9), (1, 8)]);
    assert_eq!(
        levels("lowmemorykiller on adj=-17,+5,900,901,902,903"),
        [(-17, 1536), (5, 2048), (900, 4096), (901, 16384)]
    );
    assert_eq!(levels("lowmemorykiller on adj=0,900 minfree=64,384,500"), [(0, 64), (900, 384)]);
}

#[test]
fn where_memory_comes_from() {
    let ops: Vec<Op> = scenario(
        "p = exec\nm = mmap p 64K\nset_mempolicy p bind 0..1\nmbind m interleave 0,2..3 0..8K\nmbind p heap preferred 1\n\
         set_mempolicy p preferred_many 1,0\nset_mempolicy p local\nmbind m default",
    )
    .ops
    .iter()
    .map(|op| op.op.clone())
    .collect();
    let (p, m) = (NameId(0), NameId(1));
    let of = |mode, nodes: &[u8]| Some(Mempolicy { mode, nodes: NodeMask::of(nodes.iter().copied()) });
    let set = |policy| Op::Process(ProcessOp::SetMempolicy { process: p, policy });
    let bind = |at, bytes, policy| Op::Process(ProcessOp::Mbind { at, bytes, policy });
    let area = At::Area { name: m, by: None };
    assert_eq!(
        ops[2..],
        [
            set(of(Mode::Bind, &[0, 1])),
            bind(area, Some(ByteRange { from: 0, to: 8192 }), of(Mode::Interleave, &[0, 2, 3])),
            bind(At::Heap(p), None, of(Mode::Preferred, &[1])),
            set(of(Mode::PreferredMany, &[0, 1])),
            set(of(Mode::Local, &[])),
            bind(area, None, None),
        ]
    );
    for (line, text) in [
        ("set_mempolicy p", "expected a policy"),
        ("set_mempolicy p bound 0", "expected a policy"),
        ("set_mempolicy p bind", "node"),
        ("set_mempolicy p bind 8", "8"),
        ("set_mempolicy p bind 1..0", "1..0"),
        ("set_mempolicy p preferred 0,1", "`, 1`"),
        ("mbind p interleave 0 cpu=1", "cpu"),
        ("mbind q local", "q"),
    ] {
        let said = parse(&format!("ram 4M\np = exec\n{line}\n")).diagnostics;
        let said: Vec<String> = said
            .iter()
            .map(|one| one.message(scenario::Lang::En) + &one.hint(scenario::Lang::En).unwrap_or_default())
            .collect();
        assert!(said.iter().any(|one| one.contains(text)), "{line}: {said:?}");
    }
    // They came late: what was called so before is called so still.
    let names = "ram 4M\nmbind = alloc order=0\nset_mempolicy = alloc order=0\nfree mbind\n";
    assert!(parse(names).strict().is_ok());
}

#[test]
fn what_is_wrong_about_killing() {
    for (line, text) in [
        ("oom_killer 4.4", "expected `2.6.32`, `3.10` or `6.1`"),
        ("sysrq g", "expected `f`"),
        ("lowmemorykiller", "expected `on` or `off`"),
        ("lowmemorykiller on adj=1001", "1001"),
        ("lowmemorykiller on minfree=0", "0"),
        ("lowmemorykiller on minfree=1,2,3,4,5,6,7", "`,"),
        ("lowmemorykiller on levels=6", "levels"),
        ("p = exec\noom_score_adj p 1001", "1001"),
        ("p = exec\noom_score_adj p -1001", "1001"),
        ("p = exec\noom_adj p 16", "16"),
        ("p = exec\noom_score_adj p", "number"),
        ("p = exec nice=20", "20"),
        ("p = exec old", "old"),
        ("oom_score_adj q 5", "q"),
    ] {
        let said = parse(&format!("ram 4M\n{line}\n")).diagnostics;
        let said: Vec<String> = said.iter().map(|one| one.message(scenario::Lang::En)).collect();
        assert!(said.iter().any(|one| one.contains(text)), "{line}: {said:?}");
    }
    // They came late: what was called so before is called so still.
    let names = "ram 4M\nsysrq = alloc order=0\noom_adj = alloc order=0\nfree sysrq\n";
    assert!(parse(names).strict().is_ok());
}
