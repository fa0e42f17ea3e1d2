//! The charts over time, as plain numbers: what [`history::Survey`] sampled, with axes and words.
//!
//! A sample holds until the next one, so every line is a staircase: [`held_at`] reads it.

use history::{ListSizes, Sample, Survey};
use mm::mmzone::ZoneId;
use mm::op::NameId;
use mm::reclaim::VmEvent;
use mm::slab_common::KmemTotals;
use mm::vmstat::{fragmentation_index, unusable_free_index};
use mm::{Machine, NrPages, Order};
use scenario::Lang;

use crate::frame_map::{THRESHOLD, bytes_text, thousands, thousandths};

/// A place on an axis that is labelled.
#[derive(Clone, PartialEq, Debug)]
pub struct Tick {
    /// The value.
    pub at: f64,
    /// What stands there.
    pub label: String,
}

/// One axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    /// The value at its beginning.
    pub min: f64,
    /// The value at its end; larger than `min`.
    pub max: f64,
    /// The labelled places, ascending.
    pub ticks: Vec<Tick>,
}

impl Axis {
    /// From 0 to `most`, with at most `ticks` round numbers.
    #[must_use]
    pub fn from_zero(most: u64, ticks: u32) -> Axis {
        let most = most.max(1);
        let stride = round_stride(most, ticks.max(1));
        let ticks = (0..=most / stride)
            .map(|i| Tick { at: (i * stride) as f64, label: thousands(i * stride) })
            .collect();
        Axis { min: 0.0, max: most as f64, ticks }
    }
}

/// The smallest of 1, 2, 5, 10, 20, … that cuts `most` into at most `parts` parts.
fn round_stride(most: u64, parts: u32) -> u64 {
    let mut power = 1u64;
    loop {
        for digit in [1, 2, 5] {
            let stride = digit * power;
            if most / stride <= u64::from(parts) {
                return stride;
            }
        }
        power *= 10;
    }
}

/// A value that holds from this step on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Value {
    /// Steps since the beginning.
    pub global: u64,
    /// The value.
    pub value: f64,
}

/// The value that holds after `global` steps.
#[must_use]
pub fn held_at(values: &[Value], global: u64) -> Option<f64> {
    let after = values.partition_point(|v| v.global <= global);
    values.get(after.checked_sub(1)?).map(|v| v.value)
}

/// The free pages in blocks of one order, over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Layer {
    /// The order.
    pub order: Order,
    /// Pages (not blocks), ascending in time.
    pub pages: Vec<Value>,
}

/// Free memory over time, cut up by the order of its blocks: order 0 at the bottom.
#[derive(Clone, PartialEq, Debug)]
pub struct FreePages {
    /// Which zone; none for all of them together.
    pub zone: Option<ZoneId>,
    /// Steps.
    pub x: Axis,
    /// Pages.
    pub y: Axis,
    /// One for each order, all with values at the same steps.
    pub layers: Vec<Layer>,
}

impl FreePages {
    /// The chart of one zone, or of the whole machine.
    #[must_use]
    pub fn of(survey: &Survey, zone: Option<ZoneId>) -> FreePages {
        let mut layers: Vec<Layer> = Order::all()
            .map(|order| Layer { order, pages: Vec::with_capacity(survey.samples().len()) })
            .collect();
        let mut most = 0;
        for sample in survey.samples() {
            let zones = sample.nr_free.iter().enumerate();
            let mut blocks = [0u64; Order::COUNT];
            for (_, nr_free) in zones.filter(|(i, _)| zone.is_none_or(|zone| zone.index() == *i)) {
                for (sum, n) in blocks.iter_mut().zip(nr_free) {
                    *sum += u64::from(*n);
                }
            }
            let mut total = 0;
            for (layer, blocks) in layers.iter_mut().zip(blocks) {
                let pages = blocks << layer.order.get();
                total += pages;
                layer.pages.push(Value { global: sample.global, value: pages as f64 });
            }
            most = most.max(total);
        }
        let (x, y) = (Axis::from_zero(survey.steps(), 5), Axis::from_zero(most, 4));
        FreePages { zone, x, y, layers }
    }

    /// What stands above it.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick("Free pages, by order of their block", "空闲页，按所在块的阶")
    }

    /// The free pages of all orders after `global` steps.
    #[must_use]
    pub fn total_at(&self, global: u64) -> u64 {
        self.layers.iter().filter_map(|layer| held_at(&layer.pages, global)).sum::<f64>() as u64
    }

    /// What is read at the cursor, exact, from the machine there.
    #[must_use]
    pub fn reading(&self, machine: &Machine, lang: Lang) -> String {
        let zones = machine.zone_ids().filter(|id| self.zone.is_none_or(|zone| zone == *id));
        let pages: u64 = zones
            .flat_map(|id| Order::all().zip(machine.zone(id).nr_free()))
            .map(|(order, blocks)| u64::from(blocks) << order.get())
            .sum();
        let bytes = bytes_text(NrPages(pages).bytes());
        match lang {
            Lang::En => format!("{} pages free, {bytes}", thousands(pages)),
            Lang::Zh => format!("空闲 {} 页，{bytes}", thousands(pages)),
        }
    }

    /// The picture in one sentence.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let samples = self.layers.first().map_or(&[][..], |layer| &layer.pages);
        let first = samples.first().map_or(0, |v| self.total_at(v.global));
        let last = samples.last().map_or(0, |v| self.total_at(v.global));
        let steps = thousands(self.x.max as u64);
        match lang {
            Lang::En => format!(
                "Free pages over {steps} steps: from {} to {}, stacked by order.",
                thousands(first),
                thousands(last)
            ),
            Lang::Zh => {
                format!("{steps} 步里的空闲页：从 {} 到 {}，按阶堆叠。", thousands(first), thousands(last))
            }
        }
    }
}

impl Layer {
    /// Where its name fits best: the step at which it is thickest, and its pages there.
    #[must_use]
    pub fn thickest(&self) -> Option<Value> {
        let better = |best: Option<Value>, v: &Value| match best {
            Some(best) if best.value >= v.value => Some(best),
            _ => Some(*v),
        };
        self.pages.iter().fold(None, better).filter(|v| v.value > 0.0)
    }
}

/// The memory of slabs over time: what objects use of it, and all of it.
#[derive(Clone, PartialEq, Debug)]
pub struct SlabMemory {
    /// Steps.
    pub x: Axis,
    /// KiB.
    pub y: Axis,
    /// Bytes that were asked for by those who have objects, in KiB.
    pub used: Vec<Value>,
    /// All slabs, in KiB.
    pub slabs: Vec<Value>,
}

impl SlabMemory {
    /// The chart of the whole machine.
    #[must_use]
    pub fn of(survey: &Survey) -> SlabMemory {
        let kib = |of: fn(&KmemTotals) -> u64| -> Vec<Value> {
            let value = |sample: &Sample| {
                let bytes = sample.kmem.as_ref().map_or(0, of);
                Value { global: sample.global, value: bytes as f64 / 1024.0 }
            };
            survey.samples().iter().map(value).collect()
        };
        let (used, slabs) = (kib(|totals| totals.used.0), kib(|totals| totals.pages.bytes().0));
        let most = slabs.iter().fold(0.0, |most: f64, v| most.max(v.value));
        SlabMemory { x: Axis::from_zero(survey.steps(), 5), y: Axis::from_zero(most as u64, 3), used, slabs }
    }

    /// What stands above it.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick("Memory of all slabs in KiB: used, and not", "所有 slab 的内存（KiB）：用掉的和没用上的")
    }

    /// What is read at the cursor, exact, from the machine there.
    #[must_use]
    pub fn reading(&self, machine: &Machine, lang: Lang) -> String {
        let totals = machine.kmem_totals().unwrap_or_default();
        let (in_use, objects, slabs) =
            (thousands(totals.in_use), thousands(totals.objects), thousands(totals.slabs));
        let unused = bytes_text(mm::Bytes(totals.pages.bytes().0.saturating_sub(totals.used.0)));
        match lang {
            Lang::En => {
                let slabs = if totals.slabs == 1 { "1 slab".to_owned() } else { format!("{slabs} slabs") };
                format!("{in_use} of {objects} objects in use, {slabs}; {unused} not used")
            }
            Lang::Zh => format!("{objects} 个对象中 {in_use} 个在用，{slabs} 个 slab；{unused} 没用上"),
        }
    }

    /// The picture in one sentence.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let (steps, most) = (thousands(self.x.max as u64), thousands(self.y.max as u64));
        match lang {
            Lang::En => {
                format!("Memory of slabs over {steps} steps, up to {most} KiB, and what objects use of it.")
            }
            Lang::Zh => format!("{steps} 步里 slab 占的内存，最多 {most} KiB，以及其中对象用掉的部分。"),
        }
    }
}

/// What a process was promised over time, and what it has got.
#[derive(Clone, PartialEq, Debug)]
pub struct ProcessMemory {
    /// Which process.
    pub process: NameId,
    /// Steps.
    pub x: Axis,
    /// KiB.
    pub y: Axis,
    /// VSZ in KiB.
    pub vsz: Vec<Value>,
    /// RSS in KiB.
    pub rss: Vec<Value>,
}

impl ProcessMemory {
    /// The chart of one process.
    #[must_use]
    pub fn of(survey: &Survey, process: NameId) -> ProcessMemory {
        let kib = |of: fn(&(NameId, NrPages, NrPages)) -> NrPages| -> Vec<Value> {
            let value = |sample: &Sample| {
                let pages =
                    sample.processes.iter().find(|(name, ..)| *name == process).map_or(NrPages(0), of);
                Value { global: sample.global, value: pages.bytes().0 as f64 / 1024.0 }
            };
            survey.samples().iter().map(value).collect()
        };
        let (vsz, rss) = (kib(|(_, vsz, _)| *vsz), kib(|(.., rss)| *rss));
        let most = vsz.iter().fold(0.0, |most: f64, v| most.max(v.value));
        ProcessMemory {
            process,
            x: Axis::from_zero(survey.steps(), 5),
            y: Axis::from_zero(most as u64, 3),
            vsz,
            rss,
        }
    }

    /// What stands above it.
    #[must_use]
    pub fn title(&self, name: &str, lang: Lang) -> String {
        match lang {
            Lang::En => format!("Memory of {name} in KiB: promised (VSZ), and there (RSS)"),
            Lang::Zh => format!("{name} 的内存（KiB）：承诺的 VSZ 和真正占用的 RSS"),
        }
    }

    /// What is read at the cursor, exact, from the machine there: VSZ, then RSS.
    #[must_use]
    pub fn readings(&self, machine: &Machine) -> [(String, f64); 2] {
        let mm = machine.processes().mm(self.process);
        let kib = |pages: NrPages| pages.bytes().0 / 1024;
        let (vsz, rss) = mm.map_or((0, 0), |mm| (kib(mm.total_vm()), kib(mm.rss.total())));
        let at = |kib: u64| (kib as f64 / self.y.max).clamp(0.0, 1.0);
        [(format!("VSZ {} KiB", thousands(vsz)), at(vsz)), (format!("RSS {} KiB", thousands(rss)), at(rss))]
    }

    /// The picture in one sentence.
    #[must_use]
    pub fn describe(&self, name: &str, lang: Lang) -> String {
        let (steps, most) = (thousands(self.x.max as u64), thousands(self.y.max as u64));
        match lang {
            Lang::En => format!("VSZ and RSS of {name} over {steps} steps, up to {most} KiB."),
            Lang::Zh => format!("{steps} 步里 {name} 的 VSZ 和 RSS，最多 {most} KiB。"),
        }
    }
}

/// What memory holds that reclaim can choose from, over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Pressure {
    /// Steps.
    pub x: Axis,
    /// Pages.
    pub y: Axis,
    /// Pages without a file.
    pub anon: Vec<Value>,
    /// The same, and on top of them those of files.
    pub both: Vec<Value>,
    /// Slots of swap in use.
    pub swapped: Vec<Value>,
}

impl Pressure {
    /// The chart of the whole machine; none where nobody takes memory away.
    #[must_use]
    pub fn of(survey: &Survey) -> Option<Pressure> {
        survey.samples().first()?.lists?;
        let values = |of: fn(ListSizes) -> u64| -> Vec<Value> {
            let value = |sample: &Sample| Value {
                global: sample.global,
                value: of(sample.lists.unwrap_or_default()) as f64,
            };
            survey.samples().iter().map(value).collect()
        };
        let anon = values(|lists| lists.anon.0);
        let both = values(|lists| lists.anon.0 + lists.file.0);
        let swapped = values(|lists| lists.swapped.0);
        let most = both.iter().chain(&swapped).fold(0.0, |most: f64, v| most.max(v.value));
        let (x, y) = (Axis::from_zero(survey.steps(), 5), Axis::from_zero(most as u64, 3));
        Some(Pressure { x, y, anon, both, swapped })
    }

    /// What stands above it: what came and went so far, exact, from the machine at the cursor.
    #[must_use]
    pub fn title(&self, machine: &Machine, lang: Lang) -> String {
        let event = |event: VmEvent| machine.reclaim().map_or(0, |reclaim| reclaim.event(event));
        let [read, written] = [VmEvent::PswpIn, VmEvent::PswpOut].map(|of| thousands(event(of)));
        let back = [VmEvent::WorkingsetRefaultAnon, VmEvent::WorkingsetRefaultFile].map(event);
        let back = thousands(back[0] + back[1]);
        let major = thousands(machine.processes().mms().map(|mm| mm.maj_flt).sum());
        match lang {
            Lang::En => {
                format!("Pages. Swapped in {read}, out {written}; refaults {back}; major faults {major}")
            }
            Lang::Zh => format!("页。换入 {read}，换出 {written}；refault {back}；主缺页 {major}"),
        }
    }

    /// What is read at the cursor, exact: anon, file, in swap, each with its height.
    #[must_use]
    pub fn readings(&self, machine: &Machine, lang: Lang) -> [(String, f64); 3] {
        let ListSizes { anon, file, swapped } = ListSizes::of(machine).unwrap_or_default();
        let at = |pages: u64| (pages as f64 / self.y.max).clamp(0.0, 1.0);
        let (en, zh) = (["anon", "file", "in swap"], ["匿名", "文件", "在 swap"]);
        let [a, f, s] = lang.pick(en, zh);
        [
            (format!("{a} {}", thousands(anon.0)), at(anon.0)),
            (format!("{f} {}", thousands(file.0)), at(anon.0 + file.0)),
            (format!("{s} {}", thousands(swapped.0)), at(swapped.0)),
        ]
    }

    /// The picture in one sentence.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let (steps, most) = (thousands(self.x.max as u64), thousands(self.y.max as u64));
        match lang {
            Lang::En => format!("Anon and file pages over {steps} steps, up to {most}, and what is in swap."),
            Lang::Zh => format!("{steps} 步里的匿名页和文件页，最多 {most} 页，以及 swap 里的页。"),
        }
    }
}

/// Which of the two lines of [`Indices`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IndexKind {
    /// `__fragmentation_index()`, −1 to 1: drawn solid.
    Fragmentation,
    /// `unusable_free_index()`, 0 to 1: drawn dashed.
    Unusable,
}

impl IndexKind {
    /// Both.
    pub const ALL: [IndexKind; 2] = [IndexKind::Fragmentation, IndexKind::Unusable];

    /// The name that stands at the line.
    #[must_use]
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            IndexKind::Fragmentation => lang.pick("fragmentation", "碎片指数"),
            IndexKind::Unusable => lang.pick("unusable", "用不上"),
        }
    }
}

/// The two indices of one order over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Indices {
    /// Which zone.
    pub zone: ZoneId,
    /// Which order.
    pub order: Order,
    /// Steps.
    pub x: Axis,
    /// From −1 to 1.
    pub y: Axis,
    /// Why a request would fail.
    pub fragmentation: Vec<Value>,
    /// How much of the free memory it cannot use.
    pub unusable: Vec<Value>,
}

impl Indices {
    /// Above this value the kernel tries compaction.
    pub const THRESHOLD: f64 = THRESHOLD as f64 / 1000.0;

    /// The chart of one order in one zone.
    #[must_use]
    pub fn of(survey: &Survey, zone: ZoneId, order: Order) -> Indices {
        let values = |index: &dyn Fn(&[u32; Order::COUNT]) -> f64| {
            let mut values: Vec<Value> = Vec::new();
            for sample in survey.samples() {
                let Some(nr_free) = sample.nr_free.get(zone.index()) else { continue };
                let value = index(nr_free) / 1000.0;
                // What did not change needs no point of its own.
                if values.last().is_none_or(|last| last.value != value) {
                    values.push(Value { global: sample.global, value });
                }
            }
            values
        };
        let ticks = [(-1000, "−1"), (0, "0"), (500, "0.5"), (1000, "1")]
            .into_iter()
            .map(|(at, label)| Tick { at: f64::from(at) / 1000.0, label: label.to_string() })
            .collect();
        Indices {
            zone,
            order,
            x: Axis::from_zero(survey.steps(), 5),
            y: Axis { min: -1.0, max: 1.0, ticks },
            fragmentation: values(&|nr_free| f64::from(fragmentation_index(nr_free, order))),
            unusable: values(&|nr_free| f64::from(unusable_free_index(nr_free, order))),
        }
    }

    /// One of the two lines.
    #[must_use]
    pub fn line(&self, kind: IndexKind) -> &[Value] {
        match kind {
            IndexKind::Fragmentation => &self.fragmentation,
            IndexKind::Unusable => &self.unusable,
        }
    }

    /// What stands above it.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        match lang {
            Lang::En => format!("Order {} over the story", self.order),
            Lang::Zh => format!("{} 阶在整个过程中", self.order),
        }
    }

    /// What stands at the line of the threshold.
    #[must_use]
    pub fn threshold_label(&self) -> &'static str {
        "extfrag_threshold 0.5"
    }

    /// How the ends of the scale are read.
    #[must_use]
    pub fn legend(&self, lang: Lang) -> &'static str {
        lang.pick(
            "Near 1: enough memory, too scattered. Near 0: too little memory. −1: the request would succeed.",
            "接近 1：内存够，但太散。接近 0：内存太少。−1：请求会成功。",
        )
    }

    /// The value of a line at the cursor, exact, from the machine there.
    #[must_use]
    pub fn value_now(&self, machine: &Machine, kind: IndexKind) -> f64 {
        let nr_free = machine.zone(self.zone).nr_free();
        match kind {
            IndexKind::Fragmentation => f64::from(fragmentation_index(&nr_free, self.order)) / 1000.0,
            IndexKind::Unusable => f64::from(unusable_free_index(&nr_free, self.order)) / 1000.0,
        }
    }

    /// What is read at the cursor: `fragmentation 0.922`.
    #[must_use]
    pub fn reading(&self, machine: &Machine, kind: IndexKind, lang: Lang) -> String {
        let value = (self.value_now(machine, kind) * 1000.0).round() as i64;
        format!("{} {}", kind.label(lang), thousandths(value))
    }

    /// The picture in one sentence.
    #[must_use]
    pub fn describe(&self, machine: &Machine, lang: Lang) -> String {
        let [a, b] = IndexKind::ALL.map(|kind| self.reading(machine, kind, lang));
        match lang {
            Lang::En => format!("Order {}, now: {a}, {b}.", self.order),
            Lang::Zh => format!("{} 阶，现在：{a}，{b}。", self.order),
        }
    }
}

#[cfg(test)]
mod tests;
