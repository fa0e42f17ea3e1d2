//! Processes on a machine, every law checked at every step; the same ops with nobody looking on lead to the same machine.

#![allow(dead_code, reason = "every test binary uses its own part")]

pub mod cases;

use std::collections::BTreeMap;

use mm::oom_kill::TaskArgs;
use mm::op::NameId;
use mm::process::{Access, Advice, At, ByteRange, MmapArgs, ProcessOp, Prot, Rlimits, Smaps};
use mm::step::{Observer, ProcessStep};
use mm::units::PAGE_SIZE;
use mm::{Config, CpuId, Machine, Named, Op, Step, StepKind, UnitEnd, Vaddr};

pub const P: NameId = NameId(0);
pub const Q: NameId = NameId(1);
pub const SPACER: NameId = NameId(2);
pub const M: NameId = NameId(3);
pub const N: NameId = NameId(4);
pub const VDSO: NameId = NameId(5);
pub const KIB: u64 = 1024;
pub const MIB: u64 = 1024 * KIB;

/// Looks at every step; at some of them all laws are checked.
pub struct Looker {
    pub steps: Vec<Step>,
    most: usize,
}

impl Observer for Looker {
    fn step(&mut self, machine: &Machine, step: &Step) {
        self.steps.push(*step);
        // All of them take long where thousands of pages are touched.
        if self.steps.len() <= self.most
            && let Err(broken) = machine.check()
        {
            panic!("after {step:?}: {broken}");
        }
    }
}

pub struct Run {
    pub machine: Machine,
    pub unseen: Machine,
    /// Laws are not checked after every op.
    pub is_quick: bool,
}

/// What `/proc/PID/status` and `/proc/PID/stat` say, in KiB and faults.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Figures {
    pub size: u64,
    pub data: u64,
    pub pte: u64,
    pub rss: u64,
    pub minflt: u64,
    pub majflt: u64,
}

impl Run {
    pub fn of_config(config: &Config) -> Run {
        let machine = Machine::boot(config).expect("it boots");
        Run { unseen: machine.clone(), machine, is_quick: false }
    }

    pub fn op(&mut self, op: ProcessOp) -> Vec<ProcessStep> {
        of_process(&self.steps(op))
    }

    pub fn steps(&mut self, op: ProcessOp) -> Vec<Step> {
        self.steps_of(&Op::Process(op))
    }

    pub fn steps_of(&mut self, op: &Op) -> Vec<Step> {
        // Looking at large machines takes long.
        let most = if self.is_quick { 0 } else { 2_000_000 / self.machine.end().0 as usize };
        let mut looker = Looker { steps: Vec::new(), most: most.min(60) };
        let (mut units, mut seen) = (0, 0);
        loop {
            let end = self.machine.run_unit(op, &mut looker);
            units += 1;
            assert!(looker.steps.len() > seen, "{op:?}: unit {units} has nothing to see");
            seen = looker.steps.len();
            if end == UnitEnd::Done {
                break;
            }
        }
        // What nobody looks at has short ways where the tables are laid out flat.
        self.unseen.flatten();
        while self.unseen.run_unit_unseen(op) == UnitEnd::More {}
        if self.is_quick {
            return looker.steps;
        }
        self.machine.check().expect("every law holds");
        let waits = [P, Q].map(|of| self.machine.mmus().is_pending(of));
        assert_eq!(waits, [false; 2], "{op:?}: a flush is still to come");
        assert_eq!(self.machine.state_hash(), self.unseen.state_hash(), "{op:?}");
        looker.steps
    }

    pub fn exec(&mut self) -> Vec<ProcessStep> {
        self.exec_with(Rlimits::default())
    }

    pub fn exec_with(&mut self, limits: Rlimits) -> Vec<ProcessStep> {
        self.op(ProcessOp::Exec { name: P, limits, task: TaskArgs::default(), cpu: CpuId(0) })
    }

    pub fn fork(&mut self) -> Vec<ProcessStep> {
        self.op(ProcessOp::Fork { name: Q, parent: P, cpu: CpuId(0) })
    }

    pub fn fork_of(&mut self, parent: NameId, name: NameId) -> Vec<ProcessStep> {
        self.op(ProcessOp::Fork { name, parent, cpu: CpuId(0) })
    }

    pub fn exit(&mut self, process: NameId) -> Vec<ProcessStep> {
        self.op(ProcessOp::Exit { process, cpu: CpuId(0) })
    }

    pub fn mmap(&mut self, name: NameId, bytes: u64, args: MmapArgs) -> Vec<ProcessStep> {
        self.op(ProcessOp::Mmap { name, process: P, bytes, args, cpu: CpuId(0) })
    }

    pub fn munmap(&mut self, name: NameId, bytes: Option<(u64, u64)>) -> Vec<ProcessStep> {
        self.op(ProcessOp::Munmap { at: area(name), bytes: range(bytes), cpu: CpuId(0) })
    }

    pub fn madvise(&mut self, name: NameId, advice: Advice, bytes: Option<(u64, u64)>) -> Vec<ProcessStep> {
        self.op(ProcessOp::Madvise { at: area(name), advice, bytes: range(bytes), cpu: CpuId(0) })
    }

    pub fn mprotect(&mut self, name: NameId, prot: Prot, bytes: Option<(u64, u64)>) -> Vec<ProcessStep> {
        self.op(ProcessOp::Mprotect { at: area(name), bytes: range(bytes), prot })
    }

    pub fn touch(&mut self, access: Access, at: At, bytes: Option<(u64, u64)>) -> Vec<ProcessStep> {
        self.op(ProcessOp::Access { access, at, bytes: range(bytes), cpu: CpuId(0) })
    }

    pub fn of(&self, process: NameId) -> Figures {
        let mm = self.machine.processes().mm(process).expect("it runs");
        Figures {
            size: mm.total_vm().0 * 4,
            data: mm.data_vm().0 * 4,
            pte: mm.pgtables.0 * 4,
            rss: mm.rss.total().0 * 4,
            minflt: mm.min_flt,
            majflt: mm.maj_flt,
        }
    }

    /// The areas of a process between the addresses that a name once stood for, and their sums.
    pub fn region(&self, process: NameId, (start, end): (Vaddr, Vaddr)) -> (u64, Smaps) {
        let procs = self.machine.processes();
        let mm = procs.mm(process).expect("it runs");
        let mut sums = Smaps::default();
        let areas = mm.vmas().iter().filter(|vma| start <= vma.start && vma.end <= end);
        let areas = areas.inspect(|vma| sums.add(&procs.smaps(mm, vma))).count();
        (areas as u64, sums)
    }

    pub fn place(&self, name: NameId) -> (Vaddr, Vaddr) {
        match self.machine.named(name) {
            Named::Mapping { start, pages, .. } => (start, Vaddr(start.0 + u64::from(pages) * PAGE_SIZE)),
            other => panic!("{other:?}"),
        }
    }

    /// Frames that are free when the CPUs give theirs back.
    pub fn free(&self) -> u64 {
        let mut machine = self.machine.clone();
        machine.run_unit(&Op::Drain, &mut ());
        machine.zones().iter().map(|zone| zone.nr_free_pages.0).sum::<u64>()
    }
}

/// The steps that are those of processes.
pub fn of_process(steps: &[Step]) -> Vec<ProcessStep> {
    let of_process = |step: &Step| match step.kind {
        StepKind::Process { step, .. } => Some(step),
        _ => None,
    };
    steps.iter().filter_map(of_process).collect()
}

pub fn area(name: NameId) -> At {
    At::Area { name, by: None }
}

pub fn by(name: NameId, process: NameId) -> At {
    At::Area { name, by: Some(process) }
}

pub fn range(bytes: Option<(u64, u64)>) -> Option<ByteRange> {
    bytes.map(|(from, to)| ByteRange { from, to })
}

/// What a kernel said at a moment: the columns of the table by their names.
pub type Row = BTreeMap<String, u64>;

/// The moments of a table in which the first cells are these, in their order: what follows the cells that name a moment.
pub fn captured(text: &str, of: &[&str]) -> Vec<(String, Row)> {
    let head = text.lines().find(|line| line.starts_with("# test")).expect("a head");
    let columns: Vec<&str> = head.split('\t').skip(of.len() + 1).collect();
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t'));
    rows.map(|row| row.collect::<Vec<_>>())
        .filter(|row| row.starts_with(of))
        .map(|row| {
            let cells = columns.iter().zip(&row[of.len() + 1..]);
            let cells = cells.map(|(name, cell)| ((*name).to_owned(), cell.parse().expect("a number")));
            (row[of.len()].to_owned(), cells.collect())
        })
        .collect()
}

/// The sums of `smaps` over a region beside what a kernel said.
pub fn compare_sums(moment: &str, row: &Row, (areas, sums): (u64, Smaps)) {
    assert_eq!(areas, row["vmas"], "{moment}: areas");
    let pairs = [
        ("Rss", sums.rss * 4),
        ("Pss", sums.pss_kib()),
        ("Shared_Clean", sums.shared_clean * 4),
        ("Shared_Dirty", sums.shared_dirty * 4),
        ("Private_Clean", sums.private_clean * 4),
        ("Private_Dirty", sums.private_dirty * 4),
        ("Referenced", sums.referenced * 4),
        ("Anonymous", sums.anonymous * 4),
    ];
    for (name, ours) in pairs {
        assert_eq!(ours, row[name], "{moment}: {name}");
    }
}
