//! Memory runs short: pages go to swap and come back, files are read again, and every law holds at every step.

#[path = "common/process.rs"]
mod common;

use common::{M, MIB, N, P, Q, Run, SPACER};
use mm::op::FileOp;
use mm::process::{Access, Advice, At, MmapArgs, ProcessOp, Rlimits};
use mm::reclaim::{Lru, Medium, ReclaimConfig, SwapSpec, VmEvent};
use mm::units::NrPages;
use mm::{Config, CpuId, Op, Step, UnitEnd};

const CPU: CpuId = CpuId(0);

fn config(mib: u32, swap: u64, medium: Medium) -> Config {
    let specs = if swap == 0 {
        Vec::new()
    } else {
        vec![SwapSpec { pages: NrPages(swap * 256), priority: None, medium }]
    };
    Config {
        watermarks: true,
        pcp: true,
        reclaim: Some(ReclaimConfig { swap: specs, ..ReclaimConfig::default() }),
        ..Config::x86_64(mib * 256)
    }
}

fn of_files(run: &mut Run, op: FileOp) -> Vec<Step> {
    run.steps_of(&Op::File(op))
}

fn event(run: &Run, event: VmEvent) -> u64 {
    run.machine.reclaim().unwrap().event(event)
}

#[test]
fn more_than_there_is() {
    for medium in [Medium::Disk, Medium::Zram] {
        let mut run = Run::of_config(&config(16, 32, medium));
        run.exec();
        run.mmap(M, 24 * MIB, MmapArgs::ANONYMOUS);
        run.touch(Access::Write, At::Area { name: M, by: None }, None);
        let mm = run.machine.processes().mm(P).unwrap();
        assert_eq!(mm.rss.anon + mm.swapents, 24 * 256 + 1, "{medium:?}");
        assert!(mm.swapents > 8 * 256, "{medium:?}: {}", mm.swapents);
        assert_eq!(mm.maj_flt, 0);
        run.touch(Access::Read, At::Area { name: M, by: None }, None);
        let mm = run.machine.processes().mm(P).unwrap();
        assert!(mm.maj_flt > 100, "{medium:?}: {}", mm.maj_flt);
        assert!(event(&run, VmEvent::PswpIn) >= mm.maj_flt);
        run.exit(P);
        assert_eq!(run.machine.reclaim().unwrap().swap_pages(), (32 * 256 - 1, 32 * 256 - 1));
        assert!(Lru::ALL.iter().all(|lru| run.machine.reclaim().unwrap().size(*lru) == 0));
    }
}
