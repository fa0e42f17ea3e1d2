//! What a real kernel says of single pages of a process (`/proc/kpageflags`, `/proc/kpagecount`, bit 56 of `/proc/PID/pagemap`;
//! Linux 6.1.192 amd64): how many entries lead to a page, whether it is one process's alone, `DIRTY`, `SWAPBACKED`, the page of zeros.

#[path = "common/process.rs"]
mod process;

use mm::config::Thp;
use mm::op::NameId;
use mm::process::{Access, Advice, MmapArgs, ProcessOp, Prot};
use mm::{Config, CpuId, Vaddr};
use process::{M, N, P, Q, Run, area, by};

/// A file.
const F: NameId = NameId(6);

/// Entries, alone, `DIRTY`, `SWAPBACKED`, `ZERO_PAGE`.
#[derive(PartialEq, Eq, Debug)]
struct Flags(u32, bool, bool, bool, bool);

fn flags(run: &Run, process: NameId, area: NameId, page: u64) -> Option<Flags> {
    let procs = run.machine.processes();
    let mm = procs.mm(process).expect("it runs");
    let at = Vaddr(run.place(area).0.0 + page * 4096);
    let (_, pte) = procs.tables().pages(mm.pgd, at, Vaddr(at.0 + 4096)).next()?;
    if pte.pfn() == procs.zero_page {
        return Some(Flags(0, false, false, false, true));
    }
    let (mapped, mapcount) = (procs.mapped(pte.pfn()), procs.mapcount(pte.pfn()));
    let of_file = mapped.file().and_then(|(file, _)| procs.file(file)).is_some_and(|file| !file.shmem);
    Some(Flags(mapcount, mapcount == 1, mapped.dirty, !of_file && !procs.is_lazyfree(pte.pfn()), false))
}

#[test]
fn pages_as_a_real_kernel_flags_them() {
    let config = Config { thp: Some(Thp::Never), ..Config::x86_64(16_384) };
    let mut run = Run::of_config(&config);
    run.exec();
    run.mmap(M, 6 * 4096, MmapArgs::ANONYMOUS);
    run.touch(Access::Read, area(M), Some((0, 4096)));
    // anon_read_only(zero page)
    assert_eq!(flags(&run, P, M, 0), Some(Flags(0, false, false, false, true)));
    run.touch(Access::Write, area(M), Some((4096, 5 * 4096)));
    // anon_written
    assert_eq!(flags(&run, P, M, 1), Some(Flags(1, true, false, true, false)));
    assert_eq!(flags(&run, P, M, 5), None);
    run.madvise(M, Advice::Free, Some((4096, 8192)));
    // anon_madv_free, anon_madv_free_rewritten: what is written to again is no longer clean, but the flag stays away.
    assert_eq!(flags(&run, P, M, 1), Some(Flags(1, true, false, false, false)));
    run.touch(Access::Write, area(M), Some((4096, 8192)));
    assert_eq!(flags(&run, P, M, 1), Some(Flags(1, true, false, false, false)));
    run.fork();
    // child_after_fork_shared_anon
    assert_eq!(flags(&run, Q, M, 1), Some(Flags(2, false, false, false, false)));
    run.touch(Access::Write, by(M, Q), Some((4096, 8192)));
    // child_after_cow: a page of its own, as any new one
    assert_eq!(flags(&run, Q, M, 1), Some(Flags(1, true, false, true, false)));
    run.exit(Q);
    // parent_after_child_exit
    assert_eq!(flags(&run, P, M, 1), Some(Flags(1, true, false, false, false)));
    run.mmap(N, 8192, MmapArgs { shared: true, ..MmapArgs::ANONYMOUS });
    run.touch(Access::Write, area(N), Some((0, 4096)));
    // shmem_written
    assert_eq!(flags(&run, P, N, 0), Some(Flags(1, true, true, true, false)));
    assert_eq!(flags(&run, P, N, 1), None);
    run.munmap(N, None);
    run.op(ProcessOp::File { name: F, bytes: 4096, cached: 4096, cpu: CpuId(0) });
    let of_file =
        MmapArgs { prot: Prot::READ_WRITE, shared: true, file: Some((F, 0)), ..MmapArgs::ANONYMOUS };
    run.mmap(N, 4096, of_file);
    run.touch(Access::Write, area(N), None);
    // file_mmap_write
    assert_eq!(flags(&run, P, N, 0), Some(Flags(1, true, true, false, false)));
}
