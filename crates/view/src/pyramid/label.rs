//! What a screen reader says of the picture as a whole; the text twin has the rest.

use mm::mmzone::ZoneId;
use mm::page::PageState;
use mm::{Order, Pfn};
use scenario::Lang;

use crate::Moment;
use crate::vitals::zone_name;

/// The picture in one sentence, and the selected block.
#[must_use]
pub fn label(moment: &Moment, zone: ZoneId, selected: Option<Pfn>, lang: Lang) -> String {
    let machine = &moment.machine;
    let zone = zone_name(machine, zone);
    let Some(block) = selected.and_then(|pfn| machine.block_of(pfn)) else {
        return match lang {
            Lang::En => format!("Free lists of zone {zone}. Arrow keys go from block to block."),
            Lang::Zh => format!("{zone} 区的空闲链表。用方向键在块之间移动。"),
        };
    };
    let page = machine.page(block.pfn);
    let frames = if block.order == Order::ZERO {
        lang.pick(format!("frame {}", block.pfn), format!("页框 {}", block.pfn))
    } else {
        let range = format!("{}–{}", block.pfn, block.last());
        lang.pick(format!("frames {range}"), format!("页框 {range}"))
    };
    let state = match page.state {
        PageState::Free => {
            let name = page.migratetype.name();
            lang.pick(format!("free, {name}"), format!("空闲，{name}"))
        }
        PageState::Pcp => lang.pick("on a CPU's list", "在 CPU 链表上").to_owned(),
        PageState::InHand => lang.pick("in hand", "在手中").to_owned(),
        _ => match page.owner().map(|owner| moment.name(owner)) {
            Some(name) => lang.pick(format!("in use by {name}"), format!("{name} 在用")),
            None => lang.pick("in use", "在用").to_owned(),
        },
    };
    let order = block.order;
    match lang {
        Lang::En => format!("Free lists of zone {zone}. Selected: {frames}, order {order}, {state}."),
        Lang::Zh => format!("{zone} 区的空闲链表。选中：{frames}，{order} 阶，{state}。"),
    }
}
