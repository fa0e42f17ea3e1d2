//! Control groups in a text: lines, what is wrong with them, and the lesson.

mod checks;

use mm::oom_kill::TaskArgs;
use mm::op::{FileOp, NameId, ProcessOp};
use mm::process::Rlimits;
use mm::reclaim::GroupEvent;
use mm::step::OomStep;
use mm::{CpuId, Machine, Op, Step, StepKind, UnitEnd};
use scenario::{builtin, parse, print};

#[test]
fn groups_have_limits_and_processes() {
    let text = "ram 64M\ng = cgroup max=40M swap.max=0\nh = cgroup\np = exec uid=5 cgroup=g cpu=0\nmemory.max g 20M\n\
                memory.swap.max h max\nmemory.max h 3\n";
    let scenario = parse(text).strict().expect("it has no errors");
    assert!(scenario.config.reclaim.is_some(), "whoever makes a group asks for reclaim");
    let (g, h, p) = (NameId(0), NameId(1), NameId(2));
    let task = TaskArgs { uid: 5, cgroup: Some(g), ..TaskArgs::default() };
    let ops: Vec<_> = scenario.ops.iter().map(|op| op.op.clone()).collect();
    assert_eq!(
        ops,
        [
            Op::File(FileOp::Group { name: g, max: Some(10_240), swap_max: Some(0) }),
            Op::File(FileOp::Group { name: h, max: None, swap_max: None }),
            Op::Process(ProcessOp::Exec { name: p, limits: Rlimits::default(), task, cpu: CpuId(0) }),
            Op::File(FileOp::GroupMax { group: g, max: Some(5120), swap: false }),
            Op::File(FileOp::GroupMax { group: h, max: None, swap: true }),
            Op::File(FileOp::GroupMax { group: h, max: Some(3), swap: false }),
        ]
    );
    let printed = print(&parse(text).document);
    let wanted = text.replace(" cpu=0", "").replace("memory.max h 3\n", "memory.max h 3 frames\n");
    assert_eq!(printed, wanted);
}

#[test]
fn what_is_wrong_about_groups() {
    let lines = [
        ("g = cgroup max=lots", "2:16", "expected an amount of memory, or `max`", "内存量或 max"),
        ("g = cgroup limit=4M", "2:12", "limit", "limit"),
        ("g = cgroup max=4M max=5M", "2:23", "max", "max"),
        ("p = exec cgroup=g", "2:17", "`g`", "g"),
        ("a = alloc order=0\np = exec cgroup=a", "3:17", "`a` is no control group", "“a”不是控制组"),
        ("p = exec\nmemory.max p 4M", "3:12", "`p` is no control group", "“p”不是控制组"),
        ("memory.max g", "2:13", "an amount of memory, or `max`", "内存量或 max"),
        ("g = cgroup\nmemory.high g 4M", "3:1", "memory.high", "memory.high"),
    ];
    checks::each_has_one_problem("ram 4M\n", &lines);
    // The word came late: what was called so before is called so still.
    assert!(parse("ram 4M\ncgroup = alloc order=0\nfree cgroup\n").strict().is_ok());
}

/// The group is full while the machine is not, and its largest process is killed.
#[test]
fn the_lesson_about_a_full_group() {
    let scenario = parse(builtin("memcg-oom").expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    let mut steps: Vec<Step> = Vec::new();
    let mut per_op = Vec::new();
    for op in scenario.engine_ops() {
        let before = steps.len();
        while machine.run_unit(op, &mut steps) == UnitEnd::More {}
        per_op.push(steps.len() - before);
        machine.check().expect("every law holds");
    }
    assert_eq!(checks::killed(&scenario, &steps), ["b"]);
    let free: u64 = machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum();
    assert!(free > 8 * 256, "the machine has plenty: {free}");
    let group = &machine.reclaim().expect("it reclaims").groups()[0];
    assert_eq!([GroupEvent::Oom, GroupEvent::OomKill].map(|event| group.event(event)), [1, 1]);
    assert!(group.memory.usage < 1280);
    for who in ["a", "c"] {
        let id = (0..).map(NameId).find(|id| scenario.name(*id) == who).expect("it has a name");
        assert!(machine.processes().mm(id).is_some(), "{who}");
    }
    // What happens between the full group and the kill fits a lesson.
    let at =
        |wanted: fn(&StepKind) -> bool| steps.iter().position(|step| wanted(&step.kind)).expect("it happens");
    let over = at(|kind| matches!(kind, StepKind::Reclaim { step: mm::step::ReclaimStep::GroupOver { .. } }));
    let kill = at(|kind| matches!(kind, StepKind::Oom(OomStep::Kill { .. })));
    assert!(kill - over < 40, "{}: {per_op:?}", kill - over);
}
