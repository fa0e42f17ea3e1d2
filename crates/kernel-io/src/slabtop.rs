//! What `slabtop --once` of procps prints of `/proc/slabinfo`.

use std::cmp::Reverse;
use std::fmt::Write as _;

use mm::units::PAGE_SIZE;

use crate::slabinfo::{SlabInfo, SlabInfoRow};

/// What the caches are sorted by: the largest first, but for names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SlabSort {
    /// `o`: objects.
    #[default]
    Objects,
    /// `a`: objects in use.
    ActiveObjects,
    /// `b`: objects in a slab.
    ObjectsPerSlab,
    /// `c`: bytes of all slabs.
    CacheSize,
    /// `l`: slabs.
    Slabs,
    /// `v`: slabs with an object in use.
    ActiveSlabs,
    /// `n`: the name.
    Name,
    /// `p`: pages of a slab.
    PagesPerSlab,
    /// `s`: bytes of an object.
    ObjectSize,
    /// `u`: percent in use.
    Use,
}

impl SlabSort {
    /// What a letter behind `-s` stands for, in either case.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<SlabSort> {
        Some(match letter.to_ascii_lowercase() {
            'o' => SlabSort::Objects,
            'a' => SlabSort::ActiveObjects,
            'b' => SlabSort::ObjectsPerSlab,
            'c' => SlabSort::CacheSize,
            'l' => SlabSort::Slabs,
            'v' => SlabSort::ActiveSlabs,
            'n' => SlabSort::Name,
            'p' => SlabSort::PagesPerSlab,
            's' => SlabSort::ObjectSize,
            'u' => SlabSort::Use,
            _ => return None,
        })
    }
}

/// Which `slabtop`: the two differ in the column USE and in the order of equal caches.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Procps {
    /// 3.3.12, as in Ubuntu 18.04: it divides whole numbers before it multiplies by 100, so that USE is 0% for every
    /// cache that is not full (`parse_slabinfo20()`, proc/slab.c).
    V3_3_12,
    /// 4.0.2, as in Debian 12 (`parse_slabinfo20()`, library/slabinfo.c).
    #[default]
    V4_0_2,
}

/// The text (`print_summary()` and `print_details()`, src/slabtop.c), with a line for every cache.
#[must_use]
pub fn slabtop(info: &SlabInfo, sort: SlabSort, procps: Procps) -> String {
    let mut out = summary(info);
    let _ = writeln!(out, "{:<78}", "  OBJS ACTIVE  USE OBJ SIZE  SLABS OBJ/SLAB CACHE SIZE NAME");
    let mut rows: Vec<&SlabInfoRow> = info.rows.iter().collect();
    if procps == Procps::V3_3_12 {
        // Its merge of two sorted lists takes the second one's when both are equal.
        rows.reverse();
    }
    match sort {
        SlabSort::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        _ => rows.sort_by_key(|row| Reverse(key(row, sort, procps))),
    }
    for row in rows {
        let _ = writeln!(
            out,
            "{:6} {:6} {:3}% {:7.2}K {:6} {:8} {:9}K {:<23}",
            row.num_objs,
            row.active_objs,
            percent_used(row, procps),
            kb(row.objsize.into()),
            row.num_slabs,
            row.objperslab,
            cache_size(row) / 1024,
            row.name
        );
    }
    out
}

fn key(row: &SlabInfoRow, sort: SlabSort, procps: Procps) -> u64 {
    match sort {
        SlabSort::Objects => row.num_objs,
        SlabSort::ActiveObjects => row.active_objs,
        SlabSort::ObjectsPerSlab => row.objperslab.into(),
        SlabSort::CacheSize => cache_size(row),
        SlabSort::Slabs => row.num_slabs,
        SlabSort::ActiveSlabs => row.active_slabs,
        SlabSort::PagesPerSlab => row.pagesperslab.into(),
        SlabSort::ObjectSize => row.objsize.into(),
        SlabSort::Use => percent_used(row, procps),
        SlabSort::Name => 0,
    }
}

fn cache_size(row: &SlabInfoRow) -> u64 {
    row.pages().saturating_mul(PAGE_SIZE)
}

fn percent_used(row: &SlabInfoRow, procps: Procps) -> u64 {
    match procps {
        _ if row.num_objs == 0 => 0,
        Procps::V3_3_12 => (row.active_objs / row.num_objs).saturating_mul(100),
        // With a `float`, so that 53 of 100 are 52%.
        Procps::V4_0_2 => (100.0 * (row.active_objs as f32 / row.num_objs as f32)) as u64,
    }
}

fn kb(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

/// The five lines above the table, and the empty one.
fn summary(info: &SlabInfo) -> String {
    let sum = |of: &dyn Fn(&SlabInfoRow) -> u64| info.rows.iter().map(of).fold(0, u64::saturating_add);
    let size = |objects: u64, row: &SlabInfoRow| objects.saturating_mul(row.objsize.into());
    let active_size = sum(&|row| size(row.active_objs, row));
    let total_size = sum(&|row| size(row.num_objs, row));
    let objects = sum(&|row| row.num_objs);
    let caches = info.rows.len() as u64;
    let mut out = String::new();
    for (what, active, total) in [
        ("Objects", sum(&|row| row.active_objs), objects),
        ("Slabs", sum(&|row| row.active_slabs), sum(&|row| row.num_slabs)),
        ("Caches", sum(&|row| u64::from(row.num_objs > 0)), caches),
    ] {
        let label = format!("Active / Total {what} (% used)");
        let _ = writeln!(out, " {label:<35}: {active} / {total} ({}%)", percent(active, total));
    }
    let label = "Active / Total Size (% used)";
    let percent = percent(active_size, total_size);
    let _ = writeln!(out, " {label:<35}: {:.2}K / {:.2}K ({percent}%)", kb(active_size), kb(total_size));
    let sizes = || info.rows.iter().map(|row| u64::from(row.objsize));
    // Without a cache it is what the search for it begins with, `INT_MAX`.
    let smallest = sizes().min().unwrap_or(i32::MAX as u64);
    let average = total_size.checked_div(objects).unwrap_or(0);
    let largest = sizes().max().unwrap_or(0);
    let label = "Minimum / Average / Maximum Object";
    let _ = writeln!(out, " {label:<35}: {:.2}K / {:.2}K / {:.2}K\n", kb(smallest), kb(average), kb(largest));
    out
}

/// `%.1f` of what C makes of `100.0 * active / total`.
fn percent(active: u64, total: u64) -> String {
    if total == 0 && active == 0 {
        // On x86 the result of 0.0 / 0.0 has its sign bit set.
        return "-nan".into();
    }
    format!("{:.1}", 100.0 * active as f64 / total as f64)
}
