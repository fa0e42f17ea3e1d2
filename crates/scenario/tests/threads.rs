//! Threads and memory that is locked as a whole, in the language.

mod checks;

use checks::check_ops;
use expect_test::expect;
use mm::op::{NameId, ProcessOp};
use mm::process::{Access, At};
use mm::units::CpuId;
use scenario::{parse, print};

const ALL: &str = "ram 64M
cpus 2
p = exec
t = thread p
u = thread t stack=64K cpu=1
m = mmap t 64K
write m by=t
read t stack 0..4K
mlockall p current
mlockall t future
mlockall p current future cpu=1
munlockall p
munmap m by=t
exit t
exit p
";

#[test]
fn what_is_printed_is_what_was_read() {
    let parsed = parse(ALL);
    assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
    assert_eq!(print(&parsed.document), ALL);
    let scenario = parsed.strict().expect("a scenario");
    let ops: Vec<ProcessOp> = scenario
        .ops
        .iter()
        .map(|op| match op.op {
            mm::Op::Process(op) => op,
            ref other => panic!("{other:?}"),
        })
        .collect();
    let [p, t, u, m] = [0, 1, 2, 3].map(NameId);
    let (cpu, other) = (CpuId(0), CpuId(1));
    assert_eq!(ops[1], ProcessOp::Thread { name: t, of: p, stack: None, cpu });
    assert_eq!(ops[2], ProcessOp::Thread { name: u, of: t, stack: Some(64 << 10), cpu: other });
    let at = At::Area { name: m, by: Some(t) };
    assert_eq!(ops[4], ProcessOp::Access { access: Access::Write, at, bytes: None, cpu });
    assert_eq!(ops[7], ProcessOp::Mlockall { process: t, current: false, future: true, cpu });
    assert_eq!(ops[9], ProcessOp::Mlockall { process: p, current: false, future: false, cpu });
}

/// What one thread takes away is gone for all; with the leader all threads' names are free again.
#[test]
fn names_are_given_back_with_what_they_stand_for() {
    let fine = |text: &str| {
        let parsed = parse(&format!("ram 64M\n{text}"));
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    };
    fine("p = exec\nt = thread p\nm = mmap p 4K\nmunmap m by=t\nm = mmap p 4K");
    fine("p = exec\nt = thread p\nexit p\nq = exec\nt = thread q");
    fine("p = exec\nthread = thread p\nmlockall = mmap p 4K\nread mlockall by=thread");
}

#[test]
fn what_is_wrong_is_said() {
    check_ops(
        "t = thread",
        expect![
            "3:11: error: expected the name of a process, but the line ends here (hint: for example `p`)"
        ],
    );
    check_ops("t = thread p stack", expect!["3:19: error: expected `=`, but the line ends here"]);
    check_ops(
        "t = thread p cpus=1",
        expect!["3:14: error: there is no option `cpus` here (hint: did you mean `cpu`?)"],
    );
    check_ops("mlockall p", expect!["3:11: error: expected `current`, but the line ends here"]);
}

/// A stack that is locked is touched as a whole, so it counts.
#[test]
fn locked_stacks_are_bounded() {
    let many = "p = exec\nmlockall p future\nfor i in 0..4095\n  t[i] = thread p\nend";
    check_ops(
        many,
        expect![
            "6:3: error: 5001609 pages are touched, copied or changed up to here; a scenario has at most 5000000 (hint: touch a part of it: `write m 0..64K`)"
        ],
    );
}
