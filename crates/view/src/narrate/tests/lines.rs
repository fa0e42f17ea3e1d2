//! What stands beside the sentences: lines of the log, titles, places in the source, captions, numbers.

use expect_test::expect;
use mm::Config;
use mm::config::Mobility;
use mm::mmzone::ZoneKind;
use mm::op::PageKind;

use super::*;
use crate::testing::{three_zones, walk};

#[test]
fn a_line_needs_no_moment() {
    let story = Story::on(Config::single_zone(1024)).alloc("buf", 8, PageKind::Movable).free("buf");
    let moments = story.moments();
    for (lang, expected) in [
        (
            Lang::En,
            expect![[r#"
        buf asks for 256 frames in a row (1 MiB)
        try zone Normal
        MOVABLE list 8 is empty
        MOVABLE list 9 is empty
        take 0–1023, the head of MOVABLE list 10
        cut 0–1023 in two: 512–1023 to the head of MOVABLE list 9
        cut 0–511 in two: 256–511 to the head of MOVABLE list 8
        buf gets 0–255
        buf gives back 0–255
        buddy 0 ⊕ 256 = 256 is free as well
        merge with 256–511: 0–511, order 9
        buddy 0 ⊕ 512 = 512 is free as well
        merge with 512–1023: 0–1023, order 10
        put 0–1023 at the head of MOVABLE list 10"#]],
        ),
        (
            Lang::Zh,
            expect![[r#"
            buf 申请连续 256 个页框（1 MiB）
            找 Normal 区
            MOVABLE 8 阶链表是空的
            MOVABLE 9 阶链表是空的
            从 MOVABLE 10 阶链表头取下 0–1023
            拆分 0–1023：512–1023 放到 MOVABLE 9 阶链表头
            拆分 0–511：256–511 放到 MOVABLE 8 阶链表头
            buf 得到 0–255
            buf 释放 0–255
            伙伴 0 ⊕ 256 = 256：也空闲
            并入 256–511，成为 9 阶的 0–511
            伙伴 0 ⊕ 512 = 512：也空闲
            并入 512–1023，成为 10 阶的 0–1023
            0–1023 放到 MOVABLE 10 阶链表头"#]],
        ),
    ] {
        let lines: Vec<String> =
            moments.iter().filter_map(|m| Some(step_line(&m.scenario, m.just_did.as_ref()?, lang))).collect();
        expected.assert_eq(&lines.join("\n"));
    }
}

#[test]
fn titles_and_places() {
    let moment = Story::on(Config::single_zone(1024)).alloc("buf", 8, PageKind::Movable).free("buf").at(0, 6);
    let said = narration(&moment, Lang::En);
    let title = op_title(&moment, Lang::En).expect("an op");
    expect![[r#"
        buf = alloc order=8 movable wants 256 frames in a row (1 MiB)
        __alloc_pages › get_page_from_freelist › rmqueue_buddy › __rmqueue_smallest › expand
        Some(("mm/page_alloc.c", "expand"))
    "#]]
    .assert_eq(&format!(
        "{} {}\n{}\n{:?}\n",
        title.code,
        title.text,
        said.breadcrumb.join(" › "),
        said.source
    ));
}

#[test]
fn the_scenario_speaks_at_its_ops() {
    let text = "ram 4M\nsay \"One.\" zh \"一。\"\nsay \"Two.\"\na = alloc order=0\nfree a\nsay \"End.\"\n";
    let scenario = std::rc::Rc::new(scenario::parse(text).strict().expect("a scenario"));
    let mut said = Vec::new();
    walk(&scenario, |moment| {
        let captions = Lang::ALL.map(|lang| narration(moment, lang).caption);
        if said.last() != Some(&captions) {
            said.push(captions);
        }
    });
    let pair = |en: &str, zh: &str| [Some(en.to_owned()), Some(zh.to_owned())];
    assert_eq!(said, [pair("One. Two.", "一。Two."), [None, None], pair("End.", "End.")]);
}

#[test]
fn a_title_is_a_line_of_the_language() {
    let story = Story::on(three_zones(3, Mobility::On))
        .alloc_below("dma", 3, PageKind::Unmovable, ZoneKind::Dma)
        .alloc("b[3]", 0, PageKind::File)
        .workload("w", 10, (0, 3), [1, 0, 2, 0, 0], 40)
        .free("b[3]");
    let scenario = story.scenario();
    let titles: Vec<OpTitle> = scenario.ops.iter().map(|op| title_of(&scenario, &op.op, Lang::En)).collect();
    let codes: Vec<&str> = titles.iter().map(|title| title.code.as_str()).collect();
    let document = scenario::parse(&codes.join("\n")).document;
    assert!(
        document.lines.iter().all(|line| line.statement.as_ref().is_some_and(|s| s.is_op())),
        "{codes:?}"
    );
    assert_eq!(codes[0], "dma = alloc order=3 unmovable zone=DMA");
}

#[test]
fn numbers_are_grouped_from_ten_thousand_on() {
    let grouped = [9u32, 1024, 9999, 10_000, 65_536, 4_194_303].map(num);
    assert_eq!(grouped, ["9", "1024", "9999", "10,000", "65,536", "4,194,303"]);
}
