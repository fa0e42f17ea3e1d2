//! Contiguous areas in a text: lines, what is wrong with them, and the lessons.

use mm::cma::CmaOp;
use mm::op::NameId;
use mm::step::CmaStep;
use mm::{CpuId, Machine, Named, Op, Pfn, PfnRange, Step, StepKind, UnitEnd};
use scenario::{Lang, builtin, parse, print};

#[test]
fn areas_lie_where_the_text_says() {
    let text = "ram 64M\nreserved_memory video size=8M alignment=4M reusable\nreserved_memory dsp size=1M no-map\n\
                cma 16M\nbuf = cma_alloc 256 align=8\nvid = cma_alloc 100 area=video\n\
                c = alloc_contig_range 0x1c00 512\ncma_release buf\nfree c\n";
    let scenario = parse(text).strict().expect("it has no errors");
    let frames: Vec<PfnRange> = scenario.config.areas.iter().map(|area| area.frames).collect();
    // From the top: the node that has to be aligned, the pool behind it, the default area at last.
    assert_eq!(frames, [PfnRange::new(0x3800, 0x4000), PfnRange::new(0x2600, 0x3600)]);
    assert_eq!(scenario.config.reserved[1..], [PfnRange::new(0x3700, 0x3800)]);
    assert_eq!(scenario.areas, ["video", "cma"]);
    assert!(scenario.config.cma);
    let (cpu, ops) = (CpuId(0), scenario.engine_ops().cloned().collect::<Vec<_>>());
    assert_eq!(
        ops[..4],
        [
            Op::Cma(CmaOp::Alloc { name: NameId(0), area: None, count: 256, align: 8, cpu }),
            Op::Cma(CmaOp::Alloc { name: NameId(1), area: Some(0), count: 100, align: 0, cpu }),
            Op::Cma(CmaOp::Range { name: NameId(2), first: Pfn(0x1c00), count: 512, cpu }),
            Op::Cma(CmaOp::Release { name: NameId(0), cpu }),
        ]
    );
    assert_eq!(print(&parse(text).document), text);
    // The command line goes before `linux,cma-default`, whose memory stays reserved.
    let text = "ram 64M\nreserved_memory all size=8M reusable linux,cma-default\ncma 4M at=16M\n";
    let config = parse(text).strict().expect("it has no errors").config;
    assert_eq!(
        config.areas.iter().map(|area| area.frames).collect::<Vec<_>>(),
        [PfnRange::new(0x1000, 0x1400)]
    );
    assert!(config.reserved.contains(&PfnRange::new(0x3800, 0x4000)));
    assert!(Machine::boot(&config).is_ok());
}

/// Where free lists are given they say what lies in an area.
#[test]
fn an_area_in_given_lists() {
    let of = |types: &str| {
        let text = format!(
            "ram 8M\nzone Normal\npageblock_order 9\npageblocks Normal {types}\nfree_list Normal 9 CMA: 0x600\ncma 4M\n"
        );
        parse(&text).strict().map(|scenario| Machine::boot(&scenario.config).expect("it boots"))
    };
    let machine = of("1144").expect("both of its pageblocks are CMA");
    assert_eq!(machine.check(), Ok(()));
    for types in ["1111", "1141", "114"] {
        assert!(of(types).is_err(), "{types}");
    }
}

#[test]
fn what_is_wrong_about_areas() {
    for (line, place, en, zh) in [
        ("cma 1G", "2:1", "nowhere is so much memory free", "没有一处"),
        (
            "cma 4M\npageblocks DMA32 1\nfree_list DMA32 0 Movable: 0x1011",
            "2:1",
            "not set aside there",
            "并没有留出",
        ),
        ("cma 4M at=15M", "2:1", "begins where a pageblock begins", "从页块的开头开始"),
        ("cma 4M at=14M", "2:1", "more than one zone", "跨多个内存区"),
        ("cma 4M at=0x0", "2:1", "", ""),
        ("cma 4M near=16M", "2:8", "near", "near"),
        ("reserved_memory v reusable", "2:27", "size", "size"),
        ("reserved_memory v size=1M reusable no-map", "2:36", "has to be mapped", "必须有映射"),
        ("reserved_memory v size=1M linux,dma", "2:27", "linux", "linux"),
        ("cma 4M\ncma 8M", "3:1", "`cma`", "cma"),
        ("a = cma_alloc 0", "2:15", "number of pages", "页数"),
        ("a = cma_alloc 4 align=11", "2:23", "order", "阶"),
        ("a = cma_alloc 4 area=vid", "2:22", "no contiguous area `vid`", "没有叫“vid”的"),
        ("cma_release a", "2:13", "nothing is called `a`", "a"),
    ] {
        let parsed = parse(&format!("ram 64M\n{line}"));
        let all: Vec<_> = parsed.diagnostics.iter().collect();
        if en.is_empty() {
            assert!(all.is_empty(), "{line}: {all:?}");
            continue;
        }
        let said = all.iter().map(|d| d.line(Lang::En)).find(|said| said.contains(en));
        let said = said.unwrap_or_else(|| panic!("{line}: {all:?}"));
        assert!(said.starts_with(&format!("{place}:")), "{line}: {said}");
        assert!(all.iter().any(|d| d.line(Lang::Zh).contains(zh)), "{line}");
    }
}

/// What the ops of a lesson did.
struct Run {
    steps: Vec<Vec<CmaStep>>,
    after: Vec<Machine>,
    names: Vec<String>,
}

fn run(id: &str) -> Run {
    let scenario = parse(builtin(id).expect("it exists").text).strict().expect("it has no errors");
    let mut machine = Machine::boot(&scenario.config).expect("it boots");
    let mut run = Run { steps: Vec::new(), after: Vec::new(), names: scenario.names.clone() };
    for op in scenario.engine_ops() {
        let mut steps: Vec<Step> = Vec::new();
        while machine.run_unit(op, &mut steps) == UnitEnd::More {}
        let of = |step: Step| if let StepKind::Cma(step) = step.kind { Some(step) } else { None };
        run.steps.push(steps.into_iter().filter_map(of).collect());
        run.after.push(machine.clone());
        machine.check().expect("every law holds");
    }
    run
}

impl Run {
    fn named(&self, op: usize, name: &str) -> Named {
        let at = self.names.iter().position(|of| of == name).expect("it has the name");
        self.after[op].named(NameId(at as u32))
    }
}

#[test]
fn sixteen_mebibytes_are_lent_and_taken_back() {
    let run = run("cma-lends");
    let guests = 4096 - run.after[3].zones()[1].nr_free_cma.0;
    assert!(guests > 2000, "{guests}");
    let moved = run.steps[4].iter().filter(|step| matches!(step, CmaStep::Moved { .. })).count() as u64;
    // All but those that a CPU kept.
    assert!(moved > 2000 && moved <= guests, "{moved} of {guests}");
    assert!(matches!(run.named(4, "dma"), Named::Contig { count: 4096, .. }));
    let rss = |op: usize| run.after[op].processes().mms().next().map(|mm| mm.rss);
    assert_eq!(rss(3), rss(5), "the program has lost nothing, and faults no more");
    assert_eq!(run.after[6].cma().map(|cma| cma.areas()[0].used()), Some(0));
    assert!(run.after[8].zones()[1].nr_free_cma.0 < 4096, "it is lent again");
}

#[test]
fn a_pinned_guest_spoils_a_range() {
    let run = run("cma-pinned");
    let of = |name: &str| {
        let at = run.after.len() - 1;
        let op = (0..=at).find(|op| !matches!(run.named(*op, name), Named::Nothing)).expect("it ran");
        (op, run.named(op, name))
    };
    let (op, a) = of("a");
    assert!(matches!(a, Named::Contig { count: 16, .. }));
    assert!(run.steps[op].iter().any(|step| matches!(step, CmaStep::Slides { .. })));
    let (op, b) = of("b");
    assert_eq!(b, Named::Failed);
    assert!(run.steps[op].iter().any(|step| matches!(step, CmaStep::Slides { .. })));
    assert!(matches!(run.named(run.after.len() - 1, "c"), Named::Contig { count: 160, .. }));
}

#[test]
fn each_way_to_memory_ends_as_it_is_told() {
    use mm::dma::Lane;
    let run = run("four-dma-ways");
    let last = run.after.len() - 1;
    assert_eq!(run.named(last, "a"), Named::Failed, "1 MiB of the buddy system");
    let dma = run.after[last].dma().expect("it has devices");
    let lane = |name: &str| {
        let at = run.names.iter().position(|of| of == name).expect("it has the name");
        dma.buffer(NameId(at as u32)).map(|buffer| buffer.lane)
    };
    assert!(matches!(lane("b"), Some(Lane::Pool { .. })));
    assert!(matches!(lane("c"), Some(Lane::Iommu { pages: 256, .. })));
    assert!(matches!(lane("d"), Some(Lane::Cma { pages: 128, .. })));
    let iommu = dma.devices().iter().find_map(|device| device.iommu.as_ref()).expect("one has it");
    assert_eq!((iommu.hits, iommu.misses), (4, 4));
}

/// Found by fuzzing: an area of nothing is refused where it is written, instead of a machine that cannot be.
#[test]
fn an_area_without_a_page_is_refused() {
    let said = parse("ram 32M\nreserved_memory video size=0M reusable\n").strict().expect_err("it is told");
    assert!(said.iter().any(|one| one.message(Lang::En) == "the area would have no page"), "{said:?}");
    assert!(parse("ram 32M\ncma 0\n").strict().is_ok(), "that is none, as on the command line");
}
