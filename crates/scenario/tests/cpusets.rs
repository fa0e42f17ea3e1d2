//! Cpusets in a text: lines, what is wrong with them, and the lesson.

mod checks;

use mm::cpuset::{Cpuset, CpusetOp};
use mm::gfp::GfpFlags;
use mm::mempolicy::NodeMask;
use mm::oom_kill::TaskArgs;
use mm::op::{Gfp, NameId, PageKind, ProcessOp};
use mm::process::Rlimits;
use mm::step::{CpusetStep, Leaves, ProcessStep};
use mm::{CpuId, Machine, Named, Op, Step, StepKind, UnitEnd};
use scenario::{builtin, parse, print};

const NODES: &str = "node 0 ram 4M cpus 0..0\nnode 1 ram 4M cpus 1..1\n";

fn mask(nodes: &[u8]) -> NodeMask {
    NodeMask::of(nodes.iter().copied())
}

#[test]
fn cpusets_have_nodes_and_processes() {
    let lines = "c = cpuset mems=0..1\nd = cpuset mems=1 mem_hardwall\np = exec uid=5 cpuset=d\n\
                 cpuset.mems c 1,0\na = alloc order=0 gfp=GFP_USER by=p\nb = alloc order=2 by=p cpu=1\n";
    let text = format!("{NODES}{lines}");
    let scenario = parse(&text).strict().expect("it has no errors");
    assert!(scenario.config.reclaim.is_none(), "nobody asks for reclaim");
    let [c, d, p, a, b] = [0, 1, 2, 3, 4].map(NameId);
    let make = |name, nodes: &[u8], hardwall| {
        ProcessOp::Cpuset(CpusetOp::Make(Cpuset { name, mems: mask(nodes), hardwall }))
    };
    let task = TaskArgs { uid: 5, cpuset: Some(d), ..TaskArgs::default() };
    let asks = |name, order, flags, cpu| {
        let gfp = Gfp { kind: PageKind::Unmovable, flags };
        ProcessOp::AllocPages { name, process: p, order, gfp, cpu: CpuId(cpu) }
    };
    let wanted = [
        make(c, &[0, 1], false),
        make(d, &[1], true),
        ProcessOp::Exec { name: p, limits: Rlimits::default(), task, cpu: CpuId(0) },
        ProcessOp::Cpuset(CpusetOp::Mems { cpuset: c, mems: mask(&[0, 1]) }),
        asks(a, 0, GfpFlags::GFP_USER, 0),
        asks(b, 2, GfpFlags::GFP_KERNEL, 1),
    ];
    let ops: Vec<Op> = scenario.ops.iter().map(|op| op.op.clone()).collect();
    assert_eq!(ops, wanted.map(Op::Process));
    let printed = print(&parse(&text).document);
    let wanted =
        lines.replace("0..1", "0,1").replace("1,0", "0,1").replace("order=2 by", "order=2 unmovable by");
    assert_eq!(printed, format!("{NODES}{wanted}"));
}

#[test]
fn what_is_wrong_about_cpusets() {
    let lines = [
        ("c = cpuset", "3:11", "expected `mems=`", "mems="),
        ("c = cpuset mems=", "3:17", "expected a node", "节点"),
        ("c = cpuset mems=8", "3:17", "8", "8"),
        ("c = cpuset mems=1..0", "3:17", "1..0", "1..0"),
        ("c = cpuset mems=2", "3:17", "2", "2"),
        ("c = cpuset mems=0 cpus=1", "3:19", "cpus", "cpus"),
        ("c = cpuset mems=0 mems=1", "3:24", "mems", "mems"),
        ("p = exec cpuset=c", "3:17", "`c`", "c"),
        ("a = alloc order=0\np = exec cpuset=a", "4:17", "`a` is no cpuset", "“a”不是 cpuset"),
        ("p = exec\ncpuset.mems p 0", "4:13", "`p` is no cpuset", "“p”不是 cpuset"),
        ("c = cpuset mems=0\ncpuset.mems c 0..5", "4:15", "no node 2", "2"),
        ("cpuset.mems c 0", "3:13", "`c`", "c"),
        ("a = alloc order=0 by=q", "3:22", "`q`", "q"),
        ("a = alloc order=0 by", "3:21", "`=`", "="),
    ];
    checks::each_has_one_problem(NODES, &lines);
    // The word came late: what was called so before is called so still.
    assert!(parse("ram 4M\ncpuset = alloc order=0\nfree cpuset\n").strict().is_ok());
}

/// The cpuset is full while the other node is not, and of those in it the worst is killed, though another process is
/// larger; what the kernel itself needs comes from the other node.
#[test]
fn the_lesson_about_a_full_cpuset() {
    let scenario = parse(builtin("cpuset-oom").expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    let mut steps: Vec<Step> = Vec::new();
    for op in scenario.engine_ops() {
        while machine.run_unit(op, &mut steps) == UnitEnd::More {}
        machine.check().expect("every law holds");
    }
    assert_eq!(checks::killed(&scenario, &steps), ["a"]);
    let id = |who: &str| (0..).map(NameId).find(|id| scenario.name(*id) == who).expect("it has a name");
    let [db, b] = ["db", "b"].map(|who| machine.processes().mm(id(who)).expect(who).rss.total().0);
    assert!(db > 150, "larger than whoever was killed: {db}");
    assert!(b > 200, "{b}");
    let of = |step: &Step| match step.kind {
        StepKind::Process { step: ProcessStep::Cpuset(CpusetStep::Leaves { why, .. }), .. } => Some(why),
        _ => None,
    };
    assert_eq!(steps.iter().rev().find_map(of), Some(Leaves::Kernel));
    let Named::Block(block) = machine.named(id("k")) else { panic!("the kernel has its page") };
    let zone = machine.zone_of(block.pfn).expect("a zone");
    assert_eq!(machine.zone(zone).node, 1);
    assert_eq!(machine.named(id("u")), Named::Failed);
    assert!(steps.len() < 9000, "{}", steps.len());
}
