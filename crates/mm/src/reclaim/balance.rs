//! How much of which list is looked at: the arithmetic of mm/vmscan.c and mm/page-writeback.c (6.1), without a machine.

/// Pages that are taken from a list at once (`SWAP_CLUSTER_MAX`).
pub const SWAP_CLUSTER_MAX: u64 = 32;
/// The priority that reclaim begins with: a 4096th of each list (`DEF_PRIORITY`).
pub const DEF_PRIORITY: u8 = 12;
/// `vm.swappiness` at boot.
pub const SWAPPINESS: u8 = 60;

/// What of a pair of lists belongs to pages without a file, and what to pages of files.
pub type Pair = [u64; 2];

/// Whether too few of the pages of a kind are inactive (`inactive_is_low()`): below 1 GiB of them as many as are active.
#[must_use]
pub fn inactive_is_low(inactive: u64, active: u64) -> bool {
    let gib = (inactive + active) >> 18;
    let ratio = if gib > 0 { (10 * gib).isqrt() } else { 1 };
    inactive * ratio < active
}

/// Which lists are looked at (`enum scan_balance`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScanBalance {
    /// All of them alike: nothing else helped.
    Equal,
    /// By swappiness and by what reclaiming each cost before.
    Fract,
    /// Those without files only: there is next to nothing of files.
    Anon,
    /// Those of files only: there is no swap, or much of a file was read once.
    File,
}

/// What decides how much is looked at (`get_scan_count()`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScanInputs {
    /// 12 to 0: a list's size is shifted by it.
    pub priority: u8,
    /// `vm.swappiness`, 0 to 200.
    pub swappiness: u8,
    /// Something can be swapped out.
    pub can_swap: bool,
    /// What reclaim cost so far, without and with files.
    pub cost: Pair,
    /// Hardly any pages of files are left (`file_is_tiny`).
    pub file_is_tiny: bool,
    /// Enough inactive pages of files are there to leave all others alone (`cache_trim_mode`).
    pub cache_trim_mode: bool,
    /// Inactive without files, active without, inactive of files, active of files: as they stand on the lists.
    pub sizes: [u64; 4],
}

/// How many pages of each list are looked at, in the order of [`ScanInputs::sizes`] (`get_scan_count()`).
#[must_use]
pub fn scan_count(of: &ScanInputs) -> (ScanBalance, [u64; 4]) {
    let balance = if !of.can_swap {
        ScanBalance::File
    } else if of.priority == 0 && of.swappiness > 0 {
        ScanBalance::Equal
    } else if of.file_is_tiny {
        ScanBalance::Anon
    } else if of.cache_trim_mode {
        ScanBalance::File
    } else {
        ScanBalance::Fract
    };
    let [ap, fp] = fractions(of.swappiness, of.cost);
    let mut counts = of.sizes.map(|size| size >> of.priority);
    for (at, count) in counts.iter_mut().enumerate() {
        let is_file = at >= 2;
        *count = match balance {
            ScanBalance::Equal => *count,
            ScanBalance::Anon if is_file => 0,
            ScanBalance::File if !is_file => 0,
            ScanBalance::Anon | ScanBalance::File => *count,
            ScanBalance::Fract => {
                (u128::from(*count) * u128::from(if is_file { fp } else { ap }) / u128::from(ap + fp)) as u64
            }
        };
    }
    (balance, counts)
}

/// The parts of pages without and with files, together what they are divided by: what cost more is looked at less.
#[must_use]
pub fn fractions(swappiness: u8, [anon, file]: Pair) -> Pair {
    let sum = anon + file;
    let (anon, file) = (sum + anon, sum + file);
    let total = anon + file;
    let swappiness = u64::from(swappiness.min(200));
    [swappiness * (total + 1) / (anon + 1), (200 - swappiness) * (total + 1) / (file + 1)]
}

/// What remains to be looked at once enough was reclaimed (the end of the loop of `shrink_lruvec()`): of the smaller kind
/// nothing, of the other one as large a part as the smaller kind was looked at. None: one kind is done, and so is this.
#[must_use]
pub fn rest_after_enough(targets: [u64; 4], left: [u64; 4]) -> Option<[u64; 4]> {
    let (anon, file) = (left[0] + left[1], left[2] + left[3]);
    if anon == 0 || file == 0 {
        return None;
    }
    let (small, large, left_of_small) = if file > anon { (0, 2, anon) } else { (2, 0, file) };
    let percentage = left_of_small * 100 / (targets[small] + targets[small + 1] + 1);
    let mut rest = left;
    rest[small] = 0;
    rest[small + 1] = 0;
    for at in [large, large + 1] {
        let scanned = targets[at] - left[at];
        let scaled = targets[at] * (100 - percentage) / 100;
        rest[at] = scaled - scaled.min(scanned);
    }
    Some(rest)
}

/// How many objects of a cache a shrinker looks at (`do_shrink_slab()`): those of this pass, and those left for later.
/// `seeks` is what it costs to have one back; `batch` are looked at together.
#[must_use]
pub fn shrink_slab(freeable: u64, priority: u8, seeks: u64, deferred: u64, batch: u64) -> (u64, u64) {
    let delta = match seeks {
        0 => freeable / 2,
        _ => (freeable >> priority) * 4 / seeks,
    };
    let total = ((deferred >> priority) + delta).min(2 * freeable);
    let (mut left, mut scanned) = (total, 0);
    while batch > 0 && (left >= batch || left >= freeable) {
        let now = batch.min(left);
        if now == 0 {
            break;
        }
        scanned += now;
        left -= now;
    }
    (scanned, (deferred + delta).saturating_sub(scanned).min(2 * freeable))
}

/// How many pages may be dirty before writeback begins in the background, and before whoever writes has to wait
/// (`domain_dirty_limits()`): percents of what could be dirty. A background limit that is not the smaller one is halved.
#[must_use]
pub fn dirty_limits(dirtyable: u64, dirty_ratio: u8, background_ratio: u8) -> (u64, u64) {
    let part = |ratio: u8| (u64::from(ratio) * 4096 / 100) * dirtyable / 4096;
    let (background, limit) = (part(background_ratio), part(dirty_ratio));
    (if background >= limit { limit / 2 } else { background }, limit)
}

/// How far apart a page was taken away and wanted again, and whether it would have been there still if the active pages
/// had been fewer (`workingset_refault()`): both ages in 32 bits.
#[must_use]
pub fn refault(now: u32, then: u32, workingset_size: u64) -> (u32, bool) {
    let distance = now.wrapping_sub(then);
    (distance, u64::from(distance) <= workingset_size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_12_inactive_is_low() {
        for (gib, ratio) in [(1u64, 3u64), (10, 10), (100, 31), (1024, 101)] {
            let pages = gib << 18;
            let inactive = pages / (ratio + 1);
            assert!(!inactive_is_low(inactive + 1, pages - inactive - 1), "{gib}");
            assert!(inactive_is_low(inactive - 1, pages - inactive + 1), "{gib}");
        }
        assert!(inactive_is_low(99, 100) && !inactive_is_low(100, 100));
    }

    #[test]
    fn facts_12_scan_counts() {
        assert_eq!(fractions(60, [0, 0]), [60, 140]);
        let inputs = ScanInputs {
            priority: 12,
            swappiness: 60,
            can_swap: true,
            cost: [0, 0],
            file_is_tiny: false,
            cache_trim_mode: false,
            sizes: [0, 0, 1_000_000, 0],
        };
        assert_eq!(scan_count(&inputs), (ScanBalance::Fract, [0, 0, 170, 0]));
        let no_swap = ScanInputs { can_swap: false, file_is_tiny: true, ..inputs };
        assert_eq!(scan_count(&no_swap), (ScanBalance::File, [0, 0, 244, 0]));
        let all = ScanInputs { priority: 0, file_is_tiny: true, sizes: [1, 2, 3, 4], ..inputs };
        assert_eq!(scan_count(&all), (ScanBalance::Equal, [1, 2, 3, 4]));
        // Swappiness 0 does not spare pages without files when there is nothing else.
        let tiny = ScanInputs { swappiness: 0, file_is_tiny: true, sizes: [8192; 4], ..inputs };
        assert_eq!(scan_count(&tiny), (ScanBalance::Anon, [2, 2, 0, 0]));
        let trim = ScanInputs { cache_trim_mode: true, sizes: [8192; 4], ..inputs };
        assert_eq!(scan_count(&trim), (ScanBalance::File, [0, 0, 2, 2]));
        // What refaults is left alone for longer.
        let [anon, file] = fractions(60, [0, 1000]);
        assert!(anon * 140 > file * 60, "{anon} {file}");
    }

    #[test]
    fn what_is_left_is_in_proportion() {
        assert_eq!(rest_after_enough([100, 0, 300, 100], [68, 0, 268, 68]), Some([0, 0, 67, 1]));
        assert_eq!(rest_after_enough([100, 0, 300, 100], [0, 0, 268, 68]), None);
    }

    #[test]
    fn facts_12_shrinkers() {
        assert_eq!(shrink_slab(100_000, 12, 2, 0, 128), (0, 48));
        assert_eq!(shrink_slab(100_000, 9, 2, 0, 128), (384, 6));
        assert_eq!(shrink_slab(50, 0, 0, 0, 128), (0, 25));
    }

    #[test]
    fn facts_12_dirty_limits() {
        assert_eq!(dirty_limits(1_000_000, 20, 10), (99_853, 199_951));
        assert_eq!(dirty_limits(41_911, 20, 10), (4184, 8380));
        assert_eq!(dirty_limits(1000, 20, 20).0, 99);
    }

    #[test]
    fn facts_12_refaults() {
        assert_eq!(refault(5900, 5000, 1000), (900, true));
        assert_eq!(refault(6200, 5000, 1000), (1200, false));
        assert_eq!(refault(2, u32::MAX, 3), (3, true));
    }
}
