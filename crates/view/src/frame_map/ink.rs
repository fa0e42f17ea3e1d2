//! What the inks of the map are called.

use raster::Ink;
use scenario::Lang;

/// What a frame is called on the screen.
#[must_use]
pub fn ink_label(ink: Ink, lang: Lang) -> &'static str {
    let (en, zh) = match ink {
        Ink::Outside => ("outside", "界外"),
        Ink::Hole => ("hole", "空洞"),
        Ink::Reserved => ("reserved", "保留"),
        Ink::Free => ("free", "空闲"),
        Ink::InHand => ("in hand", "在手中"),
        Ink::Pcp => ("kept by a CPU", "CPU 留着"),
        Ink::Anon => ("anonymous", "匿名页"),
        Ink::File => ("file", "文件页"),
        Ink::Movable => ("movable", "可移动"),
        Ink::Unmovable => ("kernel", "内核"),
        Ink::Reclaimable => ("reclaimable", "可回收"),
        Ink::Unknown => ("unknown", "来源不明"),
        Ink::Slab => ("slab", "slab"),
        Ink::PageTable => ("page table", "页表"),
    };
    lang.pick(en, zh)
}
