//! The judge of every question: what the machine then did and holds.

use super::*;

/// Whether the right answer of a question is what the machine did.
pub(super) fn is_so(asked: &Open, now: &Moment, steps: &[Step]) -> bool {
    let Open { question, before, at } = asked;
    let after = &now.machine;
    let did = now.just_did.expect("a step was done").kind;
    let rest = || steps[*at..].iter().map(|step| step.kind);
    let hand = after.in_hand().last().copied();
    let right = match question.right() {
        Given::Number(number) => {
            return match question.ask {
                Ask::Cuts { wanted, .. } => {
                    let cuts = rest().take(question.steps as usize);
                    hand.map(|block| block.order) == Some(wanted)
                        && cuts.filter(|kind| matches!(kind, StepKind::Split { .. })).count()
                            == number as usize
                }
                Ask::Sets { cpu, .. } => {
                    let counts = |machine: &Machine| machine.kmem().l1(cpu).map(|l1| l1.counts().to_vec());
                    let after = counts(after).expect("reads went through it");
                    let before = counts(before).unwrap_or_else(|| vec![(0, 0); after.len()]);
                    after.iter().zip(&before).filter(|(after, before)| after != before).count()
                        == number as usize
                }
                Ask::CacheMisses { scan, .. } => {
                    let misses = |machine: &Machine| {
                        let l1 = mm::hierarchy::l1_of(scan.access);
                        machine.hierarchy().map_or(0, |caches| caches.counts(None, l1).misses)
                    };
                    misses(after) - misses(before) == u64::from(number)
                }
                Ask::ShrinkGives { cache, .. } => {
                    let pages = |machine: &Machine| {
                        let slabs = machine.kmem().cache_of(cache).expect("it is there").slabs();
                        slabs.iter().map(|slab| slab.order.pages()).sum::<u32>()
                    };
                    pages(before) - pages(after) == number
                }
                Ask::PoolGets { has, .. } => {
                    // Counted by the frames that it has.
                    let pages = |machine: &Machine| machine.processes().pool().pages().count();
                    pages(before) == has as usize && pages(after) == number as usize
                }
                Ask::HugeFrees { pfn, split, .. } => {
                    let all = (pfn.0..pfn.0 + 512).map(mm::Pfn);
                    let procs = after.processes();
                    let idle = all.filter(|pfn| procs.mapcount(*pfn) == 0).count() as u32;
                    // Before it is split it is one block, and none of it is free.
                    let is_whole = after.page(pfn).order.get() == 9;
                    is_whole != split && number == if split { idle } else { 0 }
                }
                Ask::RssAfter { process, .. }
                | Ask::CollapseRss { process, .. }
                | Ask::RssAfterFree { process, .. } => {
                    // Counted from the page tables, not by the counters.
                    let procs = after.processes();
                    let mm = procs.mm(process).expect("it runs");
                    procs.smaps_rollup(mm).rss == u64::from(number)
                }
                Ask::CpusForget { process, .. } => {
                    let on = after.mmus().iter().filter(|(_, unit)| unit.loaded() == Some(process));
                    on.count() as u32 == number
                }
                Ask::References { process, address, .. } => {
                    // Counted by what the CPUs themselves count.
                    let counted = |machine: &Machine| -> u64 {
                        machine.mmus().iter().map(|(_, unit)| unit.counts.references).sum()
                    };
                    let of = crate::walk::shown(now).expect("it was looked up");
                    (of.process, of.address) == (process, address)
                        && counted(after) - counted(before) == u64::from(number)
                }
                Ask::Refill { cpu, order, .. } => {
                    let StepKind::PcpRefilled { zone, migratetype, .. } = did else { return false };
                    let index = PerCpuPages::index_of(order, migratetype);
                    before.zone(zone).pcp(cpu).list(index).is_empty()
                        && after.zone(zone).pcp(cpu).list(index).len() == number
                }
                Ask::Drain { .. } => {
                    let mut left = i64::from(number);
                    for kind in rest().skip(1) {
                        match kind {
                            StepKind::PcpDrain { block, .. } => {
                                assert!(left > 0, "more is given back than was said");
                                left -= i64::from(block.order.pages());
                            }
                            StepKind::BuddyCheck { .. }
                            | StepKind::Merge { .. }
                            | StepKind::PutBlock { .. } => {}
                            _ => break,
                        }
                    }
                    left <= 0
                }
                _ => false,
            };
        }
        Given::Choice(at) => question.choices()[at].claim,
    };
    let ends = |pfn: Pfn, cpu: Option<CpuId>| {
        let page = after.page(pfn);
        let zone = after.zone_of(pfn).expect("in a zone");
        match cpu {
            Some(cpu) => {
                let list =
                    after.zone(zone).pcp(cpu).list(PerCpuPages::index_of(page.order, page.migratetype));
                (list.head() == Some(pfn), list.tail() == Some(pfn))
            }
            None => {
                let list = after.zone(zone).area(page.order).list(page.migratetype);
                (list.head() == Some(pfn), list.tail() == Some(pfn))
            }
        }
    };
    match (right, question.ask) {
        (Claim::List(Some(order)), _) => hand.is_some_and(|b| b.order == order && was_free(before, b)),
        (Claim::List(None), Ask::List { zone, wanted, migratetype, .. }) => {
            wanted.and_up().all(|order| before.zone(zone).area(order).list(migratetype).is_empty())
        }
        (Claim::Block(block, _), Ask::Head { .. }) => hand == Some(block) && was_free(before, block),
        (Claim::Block(block, _), Ask::Half { .. }) => hand == Some(block),
        // A recorded request has no name.
        (Claim::Block(block, _), Ask::Given { who }) => {
            let page = after.page(block.pfn);
            page.state == PageState::Allocated && page.order == block.order && page.owner() == who
        }
        (Claim::Block(block, _), Ask::BuddyPlace { block: of }) => block.pfn.0 ^ of.pfn.0 == of.order.pages(),
        (Claim::Block(block, _), Ask::PcpHead { list, .. }) => {
            let CpuList { zone, cpu, order, migratetype } = list;
            let list = before.zone(zone).pcp(cpu).list(PerCpuPages::index_of(order, migratetype)).head();
            hand == Some(block) && list == Some(block.pfn)
        }
        (Claim::Block(block, _), Ask::PcpTail { list, .. }) => {
            let CpuList { zone, cpu, order, migratetype } = list;
            let list = before.zone(zone).pcp(cpu).list(PerCpuPages::index_of(order, migratetype)).tail();
            hand == Some(block) && list == Some(block.pfn)
        }
        (Claim::Block(block, Note::Of(from)), Ask::Steal { migratetype, .. }) => {
            let moved = rest().skip(question.steps as usize).take(2).any(|kind| match kind {
                StepKind::MoveBlock { block: b, to, .. } | StepKind::ClaimPageblocks { block: b, to, .. } => {
                    (b, to) == (block, migratetype)
                }
                StepKind::MoveFreePages { pageblock, to, .. } => {
                    to == migratetype && pageblock.pfn <= block.pfn && block.last() <= pageblock.last()
                }
                _ => false,
            });
            moved && before.page(block.pfn).migratetype == from && was_free(before, block)
        }
        (Claim::Goes(Goes::Head(order)), Ask::UpperHalf { block }) => {
            let upper = block.pfn.plus(order.pages());
            after.page(upper).state == PageState::Free && ends(upper, None).0
        }
        (Claim::Buddy(verdict), Ask::Buddy { block, buddy }) => {
            let merges = matches!(steps.get(at + 1).map(|step| step.kind), Some(StepKind::Merge { .. }));
            let head = before.block_of(buddy.pfn);
            let is_free = head.is_some_and(|head| before.page(head.pfn).state == PageState::Free);
            let seen = match head {
                None => Verdict::NoMemory,
                Some(_) if !is_free => Verdict::InUse,
                Some(_) if before.zone_of(buddy.pfn) != before.zone_of(block.pfn) => Verdict::OtherZone,
                Some(head) if head != buddy => Verdict::OtherOrder,
                Some(_) if !merges => Verdict::OtherType,
                Some(_) => Verdict::Merge,
            };
            verdict == seen && merges == (verdict == Verdict::Merge)
        }
        (Claim::Start(pfn), _) => hand.map(|block| block.pfn) == Some(pfn),
        (Claim::Order(order), Ask::MergeTo { block, .. }) => {
            after.block_of(block.pfn).is_some_and(|b| b.order == order)
                && rules::is_free(after, block.pfn)
                && after.in_hand().is_empty()
        }
        (Claim::End(end), Ask::Put { block, .. }) => match end {
            End::Head => ends(block.pfn, None).0,
            End::Tail => ends(block.pfn, None).1,
            End::Sorted => false,
        },
        (Claim::End(End::Tail), Ask::PcpAppend { cpu, block }) => ends(block.pfn, Some(cpu)).1,
        (Claim::Freed(Freed::CpuHead), Ask::PcpPut { cpu, block }) => ends(block.pfn, Some(cpu)).0,
        (Claim::Cache(name), Ask::SizeClass { bytes, .. }) => {
            let of = |name: NameId| name.as_kmalloc();
            let (ty, size) = of(name).expect("a cache of kmalloc");
            let kmem = before.kmem_booted();
            let fits = kmem.caches().filter_map(|cache| of(cache.name)).filter(|(other, _)| *other == ty);
            fits.map(|(_, size)| size).filter(|size| *size >= bytes).min() == Some(size)
        }
        (Claim::Object(object), Ask::NextObject { cache, .. }) => {
            let has = |machine: &Machine| machine.kmem().cache_of(cache).expect("a cache").is_in_use(object);
            !has(before) && has(after)
        }
        (Claim::ObjectTo(to), Ask::FreedObject { object, cpu }) => {
            let look = |machine: &Machine| {
                let slabs = machine.kmem().caches().flat_map(|cache| cache.slabs()).collect::<Vec<_>>();
                slabs.into_iter().find(|slab| slab.pfn == object.slab)
            };
            let (was, is) = (look(before).expect("a slab"), look(after));
            let place = is.as_ref().map(|slab| slab.place);
            let is_own = place == Some(SlabPlace::Cpu(cpu.0));
            let in_array = after.kmem().caches().any(|cache| match &cache.objects {
                Objects::Slab(slab) => slab.array(cpu).last() == Some(object),
                Objects::Slub(_) => false,
            });
            let is_free = is.is_some_and(|slab| slab.free.contains(&object.index));
            match to {
                ObjectTo::Cpu => is_own && is_free,
                ObjectTo::Array => in_array,
                ObjectTo::Slab => is_free && !is_own && place == Some(was.place),
                ObjectTo::CpuPartial => {
                    is_free
                        && matches!(was.place, SlabPlace::Full(_))
                        && place == Some(SlabPlace::CpuPartial(cpu.0))
                }
                ObjectTo::Buddy => place.is_none(),
            }
        }
        (Claim::SlabGoes(goes), Ask::EmptySlab { slab }) => {
            let mut all = after.kmem().caches().flat_map(|cache| cache.slabs());
            goes != all.any(|other| other.pfn == slab)
        }
        (Claim::Page(page), Ask::Evicted { level, .. }) => {
            let knows = |machine: &Machine| {
                let of = |(_, unit): (CpuId, &mm::x86::mmu::Mmu)| {
                    let tlb = unit.tlb(level, mm::x86::tlb::PageSize::Small);
                    tlb.iter().filter(|entry| entry.key.page == page.0 >> 12).count()
                };
                machine.mmus().iter().map(of).sum::<usize>()
            };
            knows(before) == knows(after) + 1
        }
        (Claim::LineThere(there), Ask::Line { .. }) => match did {
            StepKind::Kmem(KmemStep::Touched { access, .. }) => there == matches!(access, Access::Hit { .. }),
            _ => false,
        },
        (Claim::Chunk(from), Ask::ChunkFrom { process, bytes }) => {
            let look = |machine: &Machine| {
                let arena = machine.processes().mm(process).and_then(|mm| mm.malloc.clone()).expect("a heap");
                let free = arena.chunks().iter().filter(|chunk| chunk.state.is_free()).count();
                (arena.top().expect("a top"), free, arena.mmap_threshold)
            };
            let size = mm::process::chunk_size(bytes);
            let ((was, free_before, threshold), (is, free, _)) = (look(before), look(after));
            match from {
                ChunkFrom::Top => is.start.0 - was.start.0 == size && is.end() == was.end(),
                ChunkFrom::Kept => is == was && free <= free_before,
                ChunkFrom::Brk => was.size < size + 32 && size < threshold,
                ChunkFrom::Mmap => was.size < size + 32 && size >= threshold,
            }
        }
        (Claim::Found(level), Ask::FoundIn { cpu, line, .. }) => {
            // Where it was before, and there it was looked for.
            let access = rest().find_map(|kind| match kind {
                StepKind::Hierarchy(HierarchyStep::Reference { access, .. }) => Some(access),
                _ => None,
            });
            let caches = before.hierarchy();
            let was = |access| caches.map_or(Level::Dram, |caches| caches.probe(cpu, line, access));
            matches!(did, StepKind::Hierarchy(_))
                && (was(mm::process::Access::Read) == level
                    || access.is_some_and(|access| was(access) == level))
        }
        (Claim::CacheLine(line, _), Ask::Leaves { cpu, cache, set }) => {
            let has = |machine: &Machine| {
                let sets =
                    machine.hierarchy().and_then(|caches| caches.sets(cpu, cache)).expect("it was asked");
                sets.lines(set).any(|of| of.address == line)
            };
            has(before) && !has(after)
        }
        (Claim::Linear(address), Ask::SegmentEnds { .. }) => {
            let way = after.segmentation().way();
            way.fault.is_none() && (way.linear == Some(address) || way.physical == Some(address))
        }
        (Claim::Exception(vector), Ask::SegmentEnds { .. } | Ask::SegmentLoads { .. }) => {
            after.segmentation().way().fault.map(|fault| fault.vector) == Some(vector)
        }
        (Claim::Loads(base), Ask::SegmentLoads { reg, selector }) => {
            let register = after.segmentation().register(reg);
            register.hidden.base() == base && register.selector.index() == selector.index()
        }
        // It has been told to go, and nobody else was meanwhile.
        (Claim::Dies(process), Ask::WhoDies { .. }) => {
            let kills = |machine: &Machine| machine.processes().oom().kills;
            let victim = after.processes().mm(process).is_some_and(|mm| mm.oom.victim);
            victim && kills(after) == kills(before) + 1 && before.processes().mm(process).is_some()
        }
        (Claim::PageFate(fate), Ask::PageFate { pfn, .. }) => super::reclaim::is_so(fate, pfn, before, after),
        (Claim::Kswapd(goes_on), Ask::KswapdGoesOn { free, marks, .. }) => goes_on == (free <= marks[2]),
        (Claim::TableEntry { local, index }, Ask::SegmentEntry { selector }) => {
            u32::from(index) * 8 + u32::from(local) * 4 == u32::from(selector.0) / 4 * 4
        }
        (Claim::Fault(leaf), Ask::FaultEnds { process, address, .. }) => {
            let look = |machine: &Machine| {
                let procs = machine.processes();
                let mm = procs.mm(process).expect("it runs");
                let pte = procs.tables().walk(mm.pgd, address).pte().filter(|pte| pte.0 != 0);
                let of_file = pte.is_some_and(|pte| procs.mapped(pte.pfn()).file().is_some());
                let huge = procs.tables().leaf(mm.pgd, address).filter(|leaf| leaf.is_huge());
                let special = huge.is_some_and(|leaf| leaf.entry.has(mm::x86::pgtable::Pte::SPECIAL));
                let is_zero = special || pte.is_some_and(|pte| pte.pfn() == procs.zero_page);
                (pte, of_file, is_zero, mm.maj_flt, mm.vma_at(address).copied())
            };
            let ((was, ..), (is, of_file, is_zero, major, vma)) = (look(before), look(after));
            let major = major > look(before).3;
            let same = was.map(|pte| pte.pfn()) == is.map(|pte| pte.pfn());
            let is_writable = is.is_some_and(|pte| pte.has(mm::x86::pgtable::Pte::RW));
            let shows_file = vma.is_some_and(|vma| vma.backing != mm::process::Backing::Anon);
            match leaf {
                Leaf::NoArea => vma.is_none() && is.is_none(),
                Leaf::NotAllowed => vma.is_some() && same,
                Leaf::BeyondFile => shows_file && is.is_none(),
                Leaf::PoolEmpty => !is_writable && same && vma.is_some_and(|vma| vma.hugetlb),
                Leaf::Huge => {
                    was.is_none() && is.is_some_and(|pte| pte.has(mm::x86::pgtable::Pte::PSE)) && !is_zero
                }
                Leaf::Reused => same && is_writable,
                Leaf::Copied => was.is_some() && !same && is_writable && !of_file,
                Leaf::PrivateCopy => was.is_none() && shows_file && is_writable && !of_file,
                Leaf::Cached => was.is_none() && of_file && !major,
                Leaf::Disk => was.is_none() && shows_file && major,
                Leaf::Zero => was.is_none() && is_zero && !is_writable,
                Leaf::Fresh => {
                    let had_none = was.is_none_or(|pte| pte.pfn() == before.processes().zero_page);
                    let huge = is.is_some_and(|pte| pte.has(mm::x86::pgtable::Pte::PSE));
                    had_none && !shows_file && !is_zero && is_writable && !huge
                }
            }
        }
        (Claim::Address(start), Ask::Addresses { pages, .. }) => {
            let open = after.kmem().vmalloc().and_then(|vmalloc| vmalloc.open());
            open.is_some_and(|(area, want)| area.start == start && u64::from(want) == pages)
        }
        (Claim::Served(served), Ask::Vmalloc { .. }) => match did {
            StepKind::Vmalloc { step: VmallocStep::Mapped { .. }, .. } => served,
            StepKind::Vmalloc { step: VmallocStep::Failed { .. }, .. } => !served,
            _ => false,
        },
        (Claim::Zone(zone), _) => match did {
            StepKind::Handed { block, .. } => after.zone_of(block.pfn) == zone,
            StepKind::Failed { .. } => zone.is_none(),
            _ => false,
        },
        (Claim::Served(served), _) => match did {
            StepKind::Handed { .. } => served,
            StepKind::Failed { .. } => !served,
            _ => false,
        },
        (Claim::Passes(verdict), Ask::Watermark(Measured { min, reserve, free, order, .. })) => {
            let goes_on = !matches!(
                steps.get(at + 1).map(|step| step.kind),
                Some(
                    StepKind::TryZone { .. }
                        | StepKind::AllowFragment { .. }
                        | StepKind::SlowPath { .. }
                        | StepKind::Missing { .. }
                        | StepKind::Oom(_)
                        | StepKind::UnreserveHighatomic { .. }
                        | StepKind::Failed { .. }
                        | StepKind::Reclaim { .. }
                        | StepKind::Compact { .. }
                        // What reclaim got may lie with the CPUs.
                        | StepKind::PcpDrainBegins { .. }
                        | StepKind::NothingToDo { .. }
                )
            );
            let enough = free > min + reserve;
            match verdict {
                WatermarkVerdict::Ok => enough && goes_on,
                WatermarkVerdict::TooFew => !enough && !goes_on,
                WatermarkVerdict::NoBlock => enough && !goes_on && order.get() > 0,
            }
        }
        (Claim::Fate(fate, to), Ask::Pageblock { pageblock, .. }) => {
            let whole = after.pageblock_type(pageblock.pfn) == to;
            match fate {
                Fate::Whole => whole,
                Fate::FreePages => !whole && matches!(did, StepKind::MoveFreePages { .. }),
                Fate::Block => !whole && matches!(did, StepKind::MoveBlock { .. }),
            }
        }
        (Claim::Name(Some((name, _))), Ask::Fails { .. }) => {
            let is_first = rest().take(question.steps as usize);
            let failed = is_first.filter(|kind| matches!(kind, StepKind::Failed { .. })).count();
            failed == 1
                && (after.named(name) == mm::Named::Failed
                    || matches!(did, StepKind::Failed { name: n, .. } if n == name))
        }
        (Claim::Source(source), _) => {
            let until: Vec<StepKind> =
                rest().take_while(|kind| !matches!(kind, StepKind::Handed { .. })).collect();
            let any = |is: fn(&StepKind) -> bool| until.iter().any(is);
            match source {
                Source::OwnList => !any(|k| matches!(k, StepKind::TakeHead { .. })),
                Source::Refill => any(|k| matches!(k, StepKind::PcpAppend { .. })),
                Source::FreeLists => !any(|k| matches!(k, StepKind::PcpTake { .. })),
            }
        }
        (Claim::Rises(rises), Ask::Marks { zone }) => {
            rises == (after.zone(zone).watermark_boost > before.zone(zone).watermark_boost)
        }
        (Claim::Collapse(end), Ask::Collapses { process, .. }) => {
            let huge = |machine: &Machine| {
                let procs = machine.processes();
                let mm = procs.mm(process).expect("it runs");
                procs.tables().leaves(mm.pgd, mm::Vaddr(0), mm.top).filter(|leaf| leaf.is_huge()).count()
            };
            let failed = |kind: StepKind| matches!(kind, StepKind::Failed { order: 9, .. });
            let is_out = rest().take(question.steps as usize).any(failed);
            match end {
                CollapseEnd::Made => huge(after) == huge(before) + 1,
                CollapseEnd::NoBlock => huge(after) == huge(before) && is_out,
                CollapseEnd::Unfit => huge(after) == huge(before) && !is_out,
            }
        }
        (Claim::HugeWhole(whole), Ask::HugeGoes { pfn }) => {
            let page = after.reclaim().expect("it reclaims").page(pfn);
            let goes = page.pages() == 512 && page.swap().is_some();
            let is_split = after.processes().huge().of(pfn).is_none();
            if whole { goes && !is_split } else { is_split }
        }
        (Claim::Cma(end), Ask::CmaEnds { .. }) => {
            let found = |kind: &StepKind| matches!(kind, StepKind::Cma(CmaStep::Found { .. }));
            let tries = rest().take(question.steps as usize).filter(found).count();
            match did {
                StepKind::Cma(CmaStep::Got { .. }) if tries == 1 => end == CmaEnd::First,
                StepKind::Cma(CmaStep::Got { .. }) => end == CmaEnd::Later,
                StepKind::Cma(CmaStep::Failed { .. }) => end == CmaEnd::Fails,
                _ => false,
            }
        }
        (Claim::Dma(end), Ask::DmaEnds { name, .. }) => super::contig::is_dma(after, name, end),
        (Claim::Lends(end), Ask::Lends { what, .. }) => super::contig::is_lent(after, what, end, did),
        (Claim::Version(value), Ask::Sees { who, what, .. }) => {
            super::contig::is_seen(before, who, what, value)
        }
        (Claim::Meet(met), Ask::ScannersMeet { .. }) => {
            super::contig::is_meeting(after, did, rest().take(question.steps as usize), met)
        }
        (Claim::Takes(takes), Ask::BlockTaken { .. }) => super::contig::is_taken(before, after, takes),
        _ => false,
    }
}

fn was_free(machine: &Machine, block: Block) -> bool {
    let page = machine.page(block.pfn);
    page.state == PageState::Free && page.order == block.order
}
