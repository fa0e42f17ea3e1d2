//! The ops of a text: loops unrolled, names numbered, sentences bound to the op behind them.

mod compact;
mod process;
mod segmentation;
mod tree;

use std::sync::Arc;

use mm::config::Arch;
use mm::dma::Region;
use mm::gfp::GfpFlags;
use mm::migrate::PinWhat;
use mm::mmzone::ZoneKind;
use mm::oom_kill::OomOp;
use mm::op::{CmaOp, CompactOp, DmaOp, FileOp, Gfp, KmemOp, NameId, Op, ProcessOp};
use mm::replay::Moved;
use mm::segmentation::Cpu;
use mm::units::{CpuId, Order, PAGE_SIZE, Pfn};

use self::process::Known;
use self::tree::{Node, Size, size, target, tree};
use super::cma::Labels;
use super::index::Index;
use super::machine::Lowered;
use super::{Lowering, machine};
use crate::ast::{Alloc, Flags, Phrase, Statement, Target, Workload};
use crate::cma::CmaLine;
use crate::compact::{CompactLine, Pinned};
use crate::diagnostic::Kind;
use crate::dma::DmaLine;
use crate::files::FileLine;
use crate::kernel::Kernel;
use crate::kmem::Kmem;
use crate::process::Process;
use crate::scenario::{Caption, ScenarioOp, Turns};
use crate::span::Part;
use crate::suggest::nearest;

/// What the text does.
#[derive(Default)]
pub(super) struct Program {
    pub ops: Vec<ScenarioOp>,
    pub names: Vec<String>,
    pub captions: Vec<Caption>,
    /// What the kernel's deeds moved.
    pub moved: Vec<Moved>,
}

pub(super) fn program(lowering: &mut Lowering<'_>, machine: Option<&Lowered>) -> Program {
    let config = machine.map(|machine| &machine.config);
    let mut unroll = Unroll {
        zones: config.map_or_else(Vec::new, |config| config.zones.iter().map(|spec| spec.kind).collect()),
        cpus: config.map_or(u8::MAX, |config| config.cpus.len() as u8),
        arch: config.map(|config| config.arch),
        labels: machine.map_or_else(Labels::default, |machine| machine.labels.clone()),
        nodes: config.map_or(u8::MAX, mm::Config::nodes),
        program: Program::default(),
        ids: Index::default(),
        uses: Vec::new(),
        not_yet_named: Vec::new(),
        waiting: Vec::new(),
        reported: vec![0; lowering.document.lines.len() + 1],
        broken_names: Vec::new(),
        known: Vec::new(),
        actions: 0,
        pages: 0,
        references: 0,
        is_full: false,
        processor: Cpu::default(),
    };
    let nodes = tree(lowering, &mut unroll.broken_names);
    let mut sum = Size::default();
    for node in &nodes {
        let line = match node {
            Node::Op(line, _) | Node::Say(line, _) => *line,
            Node::Loop(l) => l.line,
            Node::Unknown => continue,
        };
        sum = sum.plus(size(node));
        // What is past a bound is not even begun: the loops of a hostile text cost nothing.
        unroll.actions = sum.actions;
        if let Some(kind) = sum.past_a_bound().or_else(|| unroll.past_the_bound()) {
            lowering.report_line(line, kind);
            break;
        }
        unroll.node(lowering, node, &mut Vec::new(), Turns::default());
        if unroll.is_full {
            break;
        }
    }
    unroll.finish(lowering)
}

/// What is known of a name while the ops go by.
#[derive(Clone, Copy, Default)]
struct Use {
    /// The line of its first allocation.
    allocated: Option<u32>,
    /// The line of the allocation whose block it has.
    held: Option<u32>,
    /// The line that freed it.
    freed: Option<u32>,
}

struct Unroll {
    /// The zones of the machine; none when there is no machine.
    zones: Vec<ZoneKind>,
    /// How many CPUs it has; any number of them when there is no machine.
    cpus: u8,
    arch: Option<Arch>,
    /// The labels of contiguous areas and of pools.
    labels: Labels,
    /// How many nodes it has; any number of them when there is no machine.
    nodes: u8,
    program: Program,
    ids: Index,
    /// By name.
    uses: Vec<Use>,
    /// Uses of names that nothing had been called up to there: the name, the line, and where in it.
    not_yet_named: Vec<(NameId, u32, Part)>,
    /// Sentences that wait for their op.
    waiting: Vec<(u32, Arc<Phrase>)>,
    /// By line, what was reported of it: a line in a loop is reported once. The bits of [`Fault`]s.
    reported: Vec<u16>,
    broken_names: Vec<String>,
    /// By name, what is known of processes and areas; shorter than the names.
    known: Vec<Known>,
    /// Actions of workloads and the like, up to the end of this line or of the loop around it.
    actions: u64,
    /// Pages that processes have touched.
    pages: u64,
    /// Words that scans ask for.
    references: u64,
    /// There were too many of them, so nothing more is run.
    is_full: bool,
    /// What lines about segments are for.
    processor: Cpu,
}

/// What can be wrong with an op, once per line.
#[derive(Clone, Copy)]
enum Fault {
    Index = 1,
    Order = 2,
    Zone = 4,
    Held = 8,
    Freed = 16,
    Unknown = 32,
    Cpu = 64,
    Ratios = 128,
    UnknownOther = 256,
    Processor = 512,
    Group = 1024,
}

impl Unroll {
    fn node<'d>(
        &mut self,
        lowering: &mut Lowering<'_>,
        node: &Node<'d>,
        counted: &mut Vec<(&'d str, u32)>,
        turns: Turns,
    ) {
        match node {
            _ if self.is_full => {}
            Node::Op(line, statement) => self.op(lowering, *line, statement, counted, turns),
            Node::Say(line, say) => self.waiting.push((*line, Arc::clone(say))),
            Node::Loop(l) if size(node).ops > 0 => {
                for value in l.spec.values() {
                    counted.push((&l.spec.variable, value));
                    for node in &l.body {
                        self.node(lowering, node, counted, turns.with(value));
                    }
                    counted.pop();
                }
            }
            Node::Loop(_) | Node::Unknown => {}
        }
    }

    fn op(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        statement: &Statement,
        counted: &[(&str, u32)],
        turns: Turns,
    ) {
        let mut real = None;
        let op = match statement {
            Statement::Drain => Op::Drain,
            Statement::Isolate(pfn) => Op::Isolate(Pfn(*pfn)),
            Statement::Unisolate(pfn, to) => Op::Unisolate(Pfn(*pfn), *to),
            Statement::Kernel(kernel) => {
                let cpu = self.cpu(lowering, line, kernel.cpu).0;
                Op::Recorded(Kernel { cpu, ..kernel.clone() }.recorded(&mut self.program.moved))
            }
            Statement::Sysctl(tunable) => {
                let (Some(arch), true) = (self.arch, self.is_first(line, Fault::Ratios)) else { return };
                let Some(write) = machine::sysctl(lowering, line, tunable, arch) else { return };
                // In order, so that the next turn says it again.
                self.reported[line as usize] &= !(Fault::Ratios as u16);
                Op::Sysctl(write)
            }
            Statement::File(FileLine::Sync) => Op::File(FileOp::Sync { file: None }),
            Statement::File(FileLine::DropCaches(what)) => Op::File(FileOp::DropCaches { what: *what }),
            Statement::File(FileLine::Wait(ms)) => Op::File(FileOp::Wait { ms: *ms }),
            Statement::Compact(CompactLine::Pin { what: Pinned::Frame(pfn), on }) => {
                Op::Compact(CompactOp::Pin { what: PinWhat::Frame(Pfn(*pfn)), on: *on })
            }
            Statement::Compact(CompactLine::CompactMemory { cpu }) => {
                Op::Compact(CompactOp::CompactMemory { cpu: self.cpu(lowering, line, *cpu) })
            }
            Statement::Compact(CompactLine::Kcompactd) => Op::Compact(CompactOp::Proactive),
            Statement::Segment(op) => {
                let Some(op) = self.segment(lowering, line, op) else { return };
                Op::Segment(op)
            }
            Statement::Kmem(Kmem::Reap(cpu)) => {
                Op::Kmem(KmemOp::Reap { cpu: self.cpu(lowering, line, *cpu) })
            }
            Statement::Process(Process::NrHugepages { pages, cpu }) => {
                let Some(op) = self.pool(lowering, line, *pages, *cpu) else { return };
                Op::Process(op)
            }
            Statement::Process(Process::NrOvercommitHugepages { pages }) => {
                Op::Process(ProcessOp::NrOvercommitHugepages { pages: *pages })
            }
            Statement::Process(Process::Khugepaged { limits, cpu }) => {
                let Some(op) = self.khugepaged(lowering, line, *limits, *cpu) else { return };
                Op::Process(op)
            }
            Statement::Process(Process::Sysrq) => Op::Process(ProcessOp::Oom(OomOp::Sysrq)),
            _ => {
                let Some(target) = target(statement) else { return };
                let Some(name) = self.name(lowering, line, target, counted) else { return };
                match statement {
                    Statement::Alloc(alloc) => {
                        self.allocates(lowering, line, name);
                        let order = alloc.size.order().min(Order::MAX.get());
                        self.knows(name, Known::Kernel(1 << order));
                        real = alloc.real.map(Pfn);
                        let by = match &alloc.by {
                            None => None,
                            Some(by) => {
                                let Some(by) = self.name(lowering, line, by, counted) else { return };
                                self.refers(line, by, Part::By);
                                Some(by)
                            }
                        };
                        self.alloc(lowering, line, name, alloc, by)
                    }
                    Statement::Workload(workload) => {
                        self.allocates(lowering, line, name);
                        self.workload(lowering, line, name, workload)
                    }
                    Statement::Free { cpu, .. } => {
                        self.frees(lowering, line, name);
                        Op::Free { name, cpu: self.cpu(lowering, line, *cpu) }
                    }
                    Statement::Kmem(kmem) => {
                        let Some(op) = self.kmem(lowering, line, name, kmem, counted) else { return };
                        Op::Kmem(op)
                    }
                    Statement::File(of) => {
                        let Some(op) = self.file(lowering, line, name, of) else { return };
                        Op::File(op)
                    }
                    Statement::Dma(of) => {
                        let Some(op) = self.dma(lowering, line, name, of, counted) else { return };
                        Op::Dma(op)
                    }
                    Statement::CmaOp(of) => {
                        let Some(op) = self.cma(lowering, line, name, of) else { return };
                        Op::Cma(op)
                    }
                    Statement::Compact(of) => {
                        let Some(op) = self.compact(lowering, line, name, of) else { return };
                        Op::Compact(op)
                    }
                    Statement::Process(process) => {
                        let Some(op) = self.process(lowering, line, name, process, counted) else { return };
                        Op::Process(op)
                    }
                    _ => return,
                }
            }
        };
        let at = self.program.ops.len() as u32;
        let waiting = self.waiting.drain(..).map(|(line, say)| Caption { op: at, line, say });
        self.program.captions.extend(waiting);
        self.program.ops.push(ScenarioOp { op, line, turns, real });
    }

    /// The number of a name, its index evaluated.
    fn name(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        target: &Target,
        counted: &[(&str, u32)],
    ) -> Option<NameId> {
        let text = match &target.index {
            None => target.name.clone(),
            Some(index) => {
                let value_of = |name: &str| counted.iter().find(|(v, _)| *v == name).map(|(_, value)| *value);
                let value = index.evaluate(value_of)?;
                if u32::try_from(value).is_err() {
                    self.report_once(lowering, line, Fault::Index, Part::Target, || Kind::BadIndex { value });
                    return None;
                }
                format!("{}[{value}]", target.name)
            }
        };
        if let Some(at) = self.ids.find(&self.program.names, &text) {
            return Some(NameId(at as u32));
        }
        let id = NameId(self.program.names.len() as u32);
        self.program.names.push(text);
        self.uses.push(Use::default());
        self.ids.add(&self.program.names);
        Some(id)
    }

    /// An op on objects; `name` is that of its target.
    fn kmem(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        kmem: &Kmem,
        counted: &[(&str, u32)],
    ) -> Option<KmemOp> {
        match kmem {
            Kmem::Create { .. }
            | Kmem::Alloc { .. }
            | Kmem::Kmalloc { .. }
            | Kmem::Vmalloc { .. }
            | Kmem::Kvmalloc { .. } => {
                self.allocates(lowering, line, name);
            }
            Kmem::Destroy(_) => self.frees(lowering, line, name),
            Kmem::RegisterShrinker { .. } | Kmem::ListLru { .. } | Kmem::Shrink(_) | Kmem::Touch { .. } => {
                self.refers(line, name, Part::Target)
            }
            Kmem::Reap(_) => {}
        }
        Some(match kmem {
            Kmem::Create { args, merge, .. } => {
                // How much of one of its objects somebody may write to.
                self.knows(name, Known::Kernel(u64::from(args.object_size).div_ceil(PAGE_SIZE)));
                KmemOp::CacheCreate { name, args: *args, merge: *merge }
            }
            Kmem::Alloc { cache, zero, cpu, .. } => {
                let cache = self.name(lowering, line, cache, counted)?;
                self.refers(line, cache, Part::Cache);
                if let known @ Known::Kernel(_) = self.of(cache) {
                    self.knows(name, known);
                }
                KmemOp::CacheAlloc { name, cache, zero: *zero, cpu: self.cpu(lowering, line, *cpu) }
            }
            Kmem::Kmalloc { bytes, ty, zero, cpu, .. } => {
                let cpu = self.cpu(lowering, line, *cpu);
                self.knows(name, Known::Kernel(u64::from(*bytes).div_ceil(PAGE_SIZE).next_power_of_two()));
                KmemOp::Kmalloc { name, bytes: *bytes, ty: *ty, zero: *zero, cpu }
            }
            Kmem::Vmalloc { bytes, zero, cpu, .. } => {
                KmemOp::Vmalloc { name, bytes: *bytes, zero: *zero, cpu: self.cpu(lowering, line, *cpu) }
            }
            Kmem::Kvmalloc { bytes, cpu, .. } => {
                self.knows(name, Known::Kernel(u64::from(*bytes).div_ceil(PAGE_SIZE).next_power_of_two()));
                KmemOp::Kvmalloc { name, bytes: *bytes, cpu: self.cpu(lowering, line, *cpu) }
            }
            Kmem::RegisterShrinker { seeks, .. } => KmemOp::RegisterShrinker { cache: name, seeks: *seeks },
            Kmem::ListLru { unused, .. } => KmemOp::ListLru { name, unused: *unused },
            Kmem::Shrink(_) => KmemOp::CacheShrink { cache: name },
            Kmem::Destroy(_) => KmemOp::CacheDestroy { cache: name },
            Kmem::Touch { offset, cpu, .. } => {
                KmemOp::Touch { name, offset: *offset, cpu: self.cpu(lowering, line, *cpu) }
            }
            Kmem::Reap(cpu) => KmemOp::Reap { cpu: self.cpu(lowering, line, *cpu) },
        })
    }

    /// An op on devices.
    fn dma(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        of: &DmaLine,
        counted: &[(&str, u32)],
    ) -> Option<DmaOp> {
        Some(match of {
            DmaLine::Device { mask, iommu, coherent, region, .. } => {
                let region = match region {
                    None => None,
                    Some(label) => {
                        let at =
                            |labels: &[String]| labels.iter().position(|of| of == label).map(|at| at as u8);
                        let area = at(&self.labels.areas).map(Region::Area);
                        let Some(region) = area.or_else(|| at(&self.labels.pools).map(Region::Pool)) else {
                            let all = self.labels.areas.iter().chain(&self.labels.pools);
                            let near = nearest(label, all.map(String::as_str));
                            let (name, suggestion) = (label.clone(), near.map(str::to_owned));
                            self.report_once(lowering, line, Fault::UnknownOther, Part::File, || {
                                Kind::UnknownArea { name, suggestion }
                            });
                            return None;
                        };
                        Some(region)
                    }
                };
                self.allocates(lowering, line, name);
                DmaOp::Device { name, mask: *mask, iommu: *iommu, coherent: *coherent, region }
            }
            DmaLine::Alloc { device, bytes, atomic, cpu, .. } => {
                let device = self.name(lowering, line, device, counted)?;
                self.refers(line, device, Part::Process);
                self.allocates(lowering, line, name);
                let cpu = self.cpu(lowering, line, *cpu);
                DmaOp::Alloc { name, device, bytes: *bytes, atomic: *atomic, cpu }
            }
            DmaLine::Free { cpu, .. } => {
                self.frees(lowering, line, name);
                DmaOp::Free { name, cpu: self.cpu(lowering, line, *cpu) }
            }
            DmaLine::Access { first, pages, .. } => {
                self.refers(line, name, Part::Target);
                DmaOp::Access { name, first: *first, pages: *pages }
            }
            DmaLine::Map { device, what, bytes, dir, cpu, .. } => {
                let device = self.name(lowering, line, device, counted)?;
                self.refers(line, device, Part::Process);
                let what = self.name(lowering, line, what, counted)?;
                self.refers(line, what, Part::Cache);
                self.allocates(lowering, line, name);
                let cpu = self.cpu(lowering, line, *cpu);
                DmaOp::Map { name, device, what, bytes: *bytes, dir: *dir, cpu }
            }
            DmaLine::Unmap { .. } => {
                self.frees(lowering, line, name);
                DmaOp::Unmap { name }
            }
            DmaLine::Sync { for_device, .. } => {
                self.refers(line, name, Part::Target);
                DmaOp::Sync { name, for_device: *for_device }
            }
            DmaLine::Cpu { write, .. } => {
                self.refers(line, name, Part::Target);
                DmaOp::Cpu { name, write: *write }
            }
            DmaLine::Write { .. } => {
                self.refers(line, name, Part::Target);
                DmaOp::Write { name }
            }
        })
    }

    /// An op on areas, or on a range of frames.
    fn cma(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId, of: &CmaLine) -> Option<CmaOp> {
        Some(match of {
            CmaLine::Alloc { count, align, area, cpu, .. } => {
                let area = match area {
                    None => None,
                    Some(label) => {
                        let Some(at) = self.labels.areas.iter().position(|of| of == label) else {
                            let near = nearest(label, self.labels.areas.iter().map(String::as_str));
                            let (name, suggestion) = (label.clone(), near.map(str::to_owned));
                            self.report_once(lowering, line, Fault::UnknownOther, Part::File, || {
                                Kind::UnknownArea { name, suggestion }
                            });
                            return None;
                        };
                        Some(at as u8)
                    }
                };
                self.allocates(lowering, line, name);
                let cpu = self.cpu(lowering, line, *cpu);
                CmaOp::Alloc { name, area, count: *count, align: *align, cpu }
            }
            CmaLine::Range { first, count, cpu, .. } => {
                self.allocates(lowering, line, name);
                let cpu = self.cpu(lowering, line, *cpu);
                CmaOp::Range { name, first: Pfn(*first), count: *count, cpu }
            }
            CmaLine::Release { cpu, .. } => {
                self.frees(lowering, line, name);
                CmaOp::Release { name, cpu: self.cpu(lowering, line, *cpu) }
            }
        })
    }

    /// Works on what a name stands for, and leaves it.
    fn refers(&mut self, line: u32, name: NameId, part: Part) {
        let fault = match part {
            Part::File | Part::By | Part::Group | Part::Cpuset => Fault::UnknownOther,
            _ => Fault::Unknown,
        };
        if self.uses[name.0 as usize].allocated.is_none() && self.is_first(line, fault) {
            self.not_yet_named.push((name, line, part));
        }
    }

    /// Whether anything has the name just now, as far as the text tells.
    fn has_held(&self, name: NameId) -> bool {
        self.uses[name.0 as usize].held.is_some()
    }

    fn alloc(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        name: NameId,
        alloc: &Alloc,
        by: Option<NameId>,
    ) -> Op {
        let order = alloc.size.order();
        if Order::new(order).is_none() {
            self.report_once(lowering, line, Fault::Order, Part::Size, || Kind::OrderRefused { order });
        }
        let usual = Gfp::of(alloc.kind, alloc.zone);
        let (flags, zone) = match alloc.flags {
            Flags::Usual => (usual.flags, alloc.zone),
            Flags::Nowait => (usual.flags.nowait(), alloc.zone),
            Flags::Atomic => (usual.flags.atomic(), alloc.zone),
            Flags::Given(flags) => (flags, self.zone_of_flags(flags)),
        };
        self.check_zone(lowering, line, zone);
        let gfp = Gfp { kind: alloc.kind, flags };
        let cpu = self.cpu(lowering, line, alloc.cpu);
        match by {
            None => Op::Alloc { name, order, gfp, cpu },
            Some(process) => Op::Process(ProcessOp::AllocPages { name, process, order, gfp, cpu }),
        }
    }

    /// The zone that flags insist on.
    fn zone_of_flags(&self, flags: GfpFlags) -> Option<ZoneKind> {
        let insist = flags.contains(GfpFlags::DMA) || flags.contains(GfpFlags::DMA32);
        let arch = self.arch.filter(|_| insist)?;
        Some(flags.highest_zone(arch == Arch::I386, arch == Arch::X86_64))
    }

    /// The CPU, or the first one when the machine does not have it; says so.
    fn cpu(&mut self, lowering: &mut Lowering<'_>, line: u32, cpu: u8) -> CpuId {
        if cpu < self.cpus {
            return CpuId(cpu);
        }
        let cpus = self.cpus;
        self.report_once(lowering, line, Fault::Cpu, Part::Cpu, || Kind::UnknownCpu { cpu, cpus });
        CpuId(0)
    }

    fn workload(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId, workload: &Workload) -> Op {
        let Workload { actions, orders, weights, free_percent, zone, cpu, .. } = workload;
        self.check_zone(lowering, line, *zone);
        Op::Workload(mm::op::Workload {
            name,
            actions: *actions,
            orders: *orders,
            weights: *weights,
            free_percent: *free_percent,
            zone: *zone,
            cpu: self.cpu(lowering, line, *cpu),
        })
    }

    /// Says so when the machine does not have the zone that a request wants at most.
    fn check_zone(&mut self, lowering: &mut Lowering<'_>, line: u32, said: Option<ZoneKind>) {
        let Some(zone) = said else { return };
        let instead = self.zones.iter().copied().filter(|z| *z <= zone).max();
        if !self.zones.is_empty() && instead != Some(zone) {
            self.report_once(lowering, line, Fault::Zone, Part::Zone, || Kind::ZoneAbsent { zone, instead });
        }
    }

    fn allocates(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId) {
        let of_name = self.uses[name.0 as usize];
        if let Some(allocated) = of_name.held.filter(|_| !self.is_gone(name)) {
            let name = self.program.names[name.0 as usize].clone();
            self.report_once(lowering, line, Fault::Held, Part::Target, || Kind::StillHeld {
                name,
                allocated,
            });
        }
        self.forgets(name);
        let allocated = of_name.allocated.or(Some(line));
        self.uses[name.0 as usize] = Use { allocated, held: Some(line), freed: None };
    }

    fn frees(&mut self, lowering: &mut Lowering<'_>, line: u32, name: NameId) {
        let of_name = self.uses[name.0 as usize];
        match of_name {
            Use { held: Some(_), .. } => {}
            Use { freed: Some(freed), .. } => {
                let name = self.program.names[name.0 as usize].clone();
                self.report_once(lowering, line, Fault::Freed, Part::Target, || Kind::DoubleFree {
                    name,
                    freed,
                });
            }
            _ => {
                if self.is_first(line, Fault::Unknown) {
                    self.not_yet_named.push((name, line, Part::Target));
                }
                return;
            }
        }
        self.uses[name.0 as usize] = Use { held: None, freed: Some(line), ..of_name };
    }

    fn report_once(
        &mut self,
        lowering: &mut Lowering<'_>,
        line: u32,
        fault: Fault,
        part: Part,
        kind: impl FnOnce() -> Kind,
    ) {
        if self.is_first(line, fault) {
            lowering.report_part(line, part, kind());
        }
    }

    /// Whether this was not yet reported of the line.
    fn is_first(&mut self, line: u32, fault: Fault) -> bool {
        let Some(reported) = self.reported.get_mut(line as usize) else { return true };
        let is_first = *reported & fault as u16 == 0;
        *reported |= fault as u16;
        is_first
    }

    fn finish(mut self, lowering: &mut Lowering<'_>) -> Program {
        let end = self.program.ops.len() as u32;
        let waiting = self.waiting.drain(..).map(|(line, say)| Caption { op: end, line, say });
        self.program.captions.extend(waiting);
        let rows = if self.not_yet_named.is_empty() {
            Rows::default()
        } else {
            Rows::of(&self.program.names, &self.uses)
        };
        // Comparing every unknown name with every known one is bounded by giving up on the long list of them.
        const MOST_SUGGESTIONS: usize = 20;
        for (at, (id, line, part)) in self.not_yet_named.iter().enumerate() {
            let name = self.program.names[id.0 as usize].clone();
            let base = base(&name).to_owned();
            if self.broken_names.contains(&base) {
                continue;
            }
            if let Some(allocated) = self.uses[id.0 as usize].allocated {
                lowering.report_part(*line, *part, Kind::UsedTooEarly { name, allocated });
                continue;
            }
            let index = &name[base.len()..];
            let row = rows.index.find(&rows.bases, &base);
            let (row, suggestion) = match (row.map(|row| rows.ranges[row]), index.is_empty()) {
                (Some(Some(range)), false) => (Some(range), None),
                (Some(Some((first, _))), true) => (None, Some(format!("{base}[{first}]"))),
                (Some(None), _) => (None, Some(base)),
                (None, _) if at < MOST_SUGGESTIONS => {
                    let near = nearest(&base, rows.bases.iter().map(String::as_str));
                    (None, near.map(|near| format!("{near}{index}")))
                }
                _ => (None, None),
            };
            lowering.report_part(*line, *part, Kind::UnknownName { name, suggestion, row });
        }
        self.program
    }
}

/// All names that were allocated, by base name.
#[derive(Default)]
struct Rows {
    bases: Vec<String>,
    index: Index,
    /// Of each, the smallest and the largest index that was allocated.
    ranges: Vec<Option<(u32, u32)>>,
}

impl Rows {
    fn of(names: &[String], uses: &[Use]) -> Rows {
        let mut rows = Rows::default();
        for (name, _) in names.iter().zip(uses).filter(|(_, of_name)| of_name.allocated.is_some()) {
            let base = base(name);
            let row = rows.index.find(&rows.bases, base).unwrap_or_else(|| {
                rows.bases.push(base.to_owned());
                rows.index.add(&rows.bases);
                rows.ranges.push(None);
                rows.bases.len() - 1
            });
            if let Ok(index) = name[base.len()..].trim_matches(['[', ']']).parse::<u32>() {
                let (low, high) = rows.ranges[row].unwrap_or((index, index));
                rows.ranges[row] = Some((low.min(index), high.max(index)));
            }
        }
        rows
    }
}

/// `b` of `b[3]`.
fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}
