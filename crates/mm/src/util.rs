//! How much may be promised: the three modes of overcommit (`__vm_enough_memory()`, mm/util.c, 6.1).

use crate::units::NrPages;

/// `vm.overcommit_memory`
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub enum Overcommit {
    /// 0: refuse only what could never be, even by itself.
    #[default]
    Guess,
    /// 1: promise everything.
    Always,
    /// 2: promise no more than [`Commit::limit`] in all.
    Never,
}

impl Overcommit {
    /// The number that the file has.
    #[must_use]
    pub fn number(self) -> u32 {
        self as u32
    }
}

/// What the decision looks at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commit {
    /// The mode.
    pub mode: Overcommit,
    /// `totalram_pages()`
    pub total_ram: NrPages,
    /// `total_swap_pages`
    pub total_swap: NrPages,
    /// Pages in huge pages that are set aside (`hugetlb_total_pages()`).
    pub hugetlb: NrPages,
    /// `vm.overcommit_ratio`, per cent.
    pub ratio: u32,
    /// `vm.overcommit_kbytes`, KiB; 0: the ratio counts.
    pub kbytes: u64,
    /// `vm.admin_reserve_kbytes`: kept for root, in KiB.
    pub admin_reserve_kbytes: u64,
    /// `vm.user_reserve_kbytes`: at most so much is kept so that a user can end things, in KiB.
    pub user_reserve_kbytes: u64,
}

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asker {
    /// It may do what root may (`CAP_SYS_ADMIN`).
    pub admin: bool,
    /// Pages of its whole address space (`mm->total_vm`).
    pub total_vm: NrPages,
}

/// Pages of `kib` KiB.
fn pages(kib: u64) -> u64 {
    kib / 4
}

impl Commit {
    /// `CommitLimit` of `/proc/meminfo` in pages (`vm_commit_limit()`): a part of memory, and all of swap.
    #[must_use]
    pub fn limit(&self) -> NrPages {
        let ram = match self.kbytes {
            0 => self.total_ram.0.saturating_sub(self.hugetlb.0) * u64::from(self.ratio) / 100,
            kbytes => pages(kbytes),
        };
        NrPages(ram + self.total_swap.0)
    }

    /// Whether so many pages more may be promised to `asker`; `committed` are those that are promised already
    /// (`Committed_AS`).
    #[must_use]
    pub fn allows(&self, more: NrPages, committed: NrPages, asker: Asker) -> bool {
        match self.mode {
            Overcommit::Always | Overcommit::Guess => more <= self.most(asker),
            // What is asked for counts as promised already.
            Overcommit::Never => committed.0 + more.0 < self.most(asker).0,
        }
    }

    /// The most that one request may ask for in mode 0; in mode 2, what may be promised in all.
    #[must_use]
    pub fn most(&self, asker: Asker) -> NrPages {
        match self.mode {
            Overcommit::Always => NrPages(u64::MAX),
            Overcommit::Guess => NrPages(self.total_ram.0 + self.total_swap.0),
            Overcommit::Never => {
                let for_root = if asker.admin { 0 } else { pages(self.admin_reserve_kbytes) };
                let for_users = (asker.total_vm.0 / 32).min(pages(self.user_reserve_kbytes));
                NrPages(self.limit().0.saturating_sub(for_root + for_users))
            }
        }
    }

    /// Whether a mapping counts at all (`accountable_mapping()` and `MAP_NORESERVE`): one that can be written to and is
    /// nobody else's; whoever says that no reserve is needed is believed in modes 0 and 1.
    #[must_use]
    pub fn counts(&self, private: bool, writable: bool, noreserve: bool) -> bool {
        private && writable && (self.mode == Overcommit::Never || !noreserve)
    }
}

/// `vm.user_reserve_kbytes` after boot (`init_user_reserve()`): a thirty-second of free memory, at most 128 MiB.
#[must_use]
pub fn user_reserve_kbytes(free: NrPages) -> u64 {
    (free.0 * 4 / 32).min(1 << 17)
}

/// `vm.admin_reserve_kbytes` after boot (`init_admin_reserve()`): the same, at most 8 MiB.
#[must_use]
pub fn admin_reserve_kbytes(free: NrPages) -> u64 {
    (free.0 * 4 / 32).min(1 << 13)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root with an address space of so many pages, on a machine of so many KiB.
    fn machine(
        ram_kib: u64,
        swap_kib: u64,
        mode: Overcommit,
        ratio: u32,
        user_reserve_kbytes: u64,
    ) -> Commit {
        Commit {
            mode,
            total_ram: NrPages(pages(ram_kib)),
            total_swap: NrPages(pages(swap_kib)),
            hugetlb: NrPages(0),
            ratio,
            kbytes: 0,
            admin_reserve_kbytes: 8192,
            user_reserve_kbytes,
        }
    }

    /// The largest mapping that five real kernels allowed (`wl/l_overcommit.txt`, found by bisection), root asking.
    #[test]
    fn the_boundaries_of_real_kernels() {
        // Memory and swap, user_reserve_kbytes, Committed_AS (KiB); pages of the asker; largest in mode 0, and in mode 2
        // by ratio: CommitLimit (KiB) and pages.
        type Row = ([u64; 4], u64, u64, [(u32, u64, u64); 3]);
        let rows: [Row; 5] = [
            (
                [983_720, 262_140, 30_218, 7724],
                638,
                311_465,
                [(50, 754_000, 186_549), (80, 1_049_116, 260_328), (100, 1_245_860, 309_514)],
            ),
            (
                [210_728, 0, 6081, 7724],
                638,
                52_682,
                [(50, 105_364, 24_390), (80, 168_580, 40_194), (100, 210_728, 50_731)],
            ),
            (
                [210_716, 262_140, 6080, 9808],
                1158,
                118_214,
                [(50, 367_496, 89_385), (80, 430_712, 105_189), (100, 472_856, 115_725)],
            ),
            (
                [6_067_612, 262_140, 131_072, 7724],
                638,
                1_582_438,
                [(50, 3_295_944, 822_035), (80, 5_116_228, 1_277_106), (100, 6_329_752, 1_580_487)],
            ),
            (
                [1_540_068, 262_140, 47_938, 6256],
                638,
                450_552,
                [(50, 1_032_172, 256_459), (80, 1_494_192, 371_964), (100, 1_802_208, 448_968)],
            ),
        ];
        for ([ram, swap, reserve, committed], total_vm, guess, never) in rows {
            let asker = Asker { admin: true, total_vm: NrPages(total_vm) };
            let committed = NrPages(pages(committed));
            let is_boundary = |commit: Commit, largest: u64| {
                commit.allows(NrPages(largest), committed, asker)
                    && !commit.allows(NrPages(largest + 1), committed, asker)
            };
            assert!(is_boundary(machine(ram, swap, Overcommit::Guess, 50, reserve), guess));
            for (ratio, limit, largest) in never {
                let commit = machine(ram, swap, Overcommit::Never, ratio, reserve);
                assert_eq!(commit.limit(), NrPages(pages(limit)), "{ram} {ratio}");
                assert!(is_boundary(commit, largest), "{ram} {ratio}");
            }
            let always = machine(ram, swap, Overcommit::Always, 50, reserve);
            assert!(always.allows(NrPages(u64::MAX / 2), committed, asker));
        }
    }

    #[test]
    fn what_counts() {
        let of = |mode| machine(1 << 20, 0, mode, 50, 0);
        for mode in [Overcommit::Guess, Overcommit::Always] {
            assert!(of(mode).counts(true, true, false) && !of(mode).counts(true, true, true));
        }
        assert!(of(Overcommit::Never).counts(true, true, true), "it is not believed");
        assert!(
            !of(Overcommit::Never).counts(true, false, false)
                && !of(Overcommit::Never).counts(false, true, false)
        );
    }

    #[test]
    fn others_than_root_leave_root_something() {
        let commit = machine(1 << 20, 0, Overcommit::Never, 50, 131_072);
        let largest =
            |asker: Asker| (1..200_000).take_while(|n| commit.allows(NrPages(*n), NrPages(0), asker)).count();
        let root = Asker { admin: true, total_vm: NrPages(0) };
        assert_eq!(largest(root) - largest(Asker { admin: false, ..root }), 2048);
        assert_eq!(largest(root) - largest(Asker { total_vm: NrPages(3200), ..root }), 100);
        let of_kbytes = Commit { kbytes: 4096, ..commit };
        assert_eq!(of_kbytes.limit(), NrPages(1024));
    }

    #[test]
    fn reserves_after_boot() {
        assert_eq!(
            (user_reserve_kbytes(NrPages(64_000)), admin_reserve_kbytes(NrPages(64_000))),
            (8000, 8000)
        );
        assert_eq!(admin_reserve_kbytes(NrPages(1 << 20)), 8192);
        assert_eq!(user_reserve_kbytes(NrPages(2 << 20)), 131_072);
    }
}
