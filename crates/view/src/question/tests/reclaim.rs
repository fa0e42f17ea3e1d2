//! Questions about reclaim.

use mm::Pfn;
use mm::reclaim::LruFlags;

use super::*;
use crate::testing::short_of_memory;

/// Whether a page had this fate, from the machines around it.
pub(super) fn is_so(fate: PageFate, pfn: Pfn, before: &Machine, after: &Machine) -> bool {
    let reclaim = |machine: &Machine| machine.reclaim().cloned().expect("it was asked");
    let (flags, gone) = (reclaim(after).page(pfn).flags, !reclaim(after).isolated().contains(&pfn));
    let was = reclaim(before).page(pfn).flags;
    let used = before.young_ptes(pfn) > 0;
    match fate {
        PageFate::Free => gone,
        PageFate::Head => used && flags.has(LruFlags::REFERENCED),
        PageFate::Active => !gone && was.has(LruFlags::REFERENCED) || used,
        PageFate::Written => flags.has(LruFlags::WRITEBACK),
        PageFate::Flusher => flags.has(LruFlags::RECLAIM) && after.processes().mapped(pfn).dirty,
    }
}

#[test]
fn reclaim_is_asked_about() {
    let mut kinds = BTreeMap::new();
    for id in ["kswapd-works", "dirty-pages"] {
        let text = scenario::builtin(id).expect("it is there").text;
        examine(&Rc::new(parse(text).strict().expect("a scenario")), &mut kinds);
    }
    examine(&short_of_memory(mm::reclaim::Medium::Disk).scenario(), &mut kinds);
    assert!([Kind::PageFate, Kind::KswapdGoesOn].iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}
