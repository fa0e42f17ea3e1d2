//! What is said of objects that nobody uses, and of who takes them away.

use mm::step::KmemStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, num};

pub(super) fn en(w: &Words, step: &KmemStep) -> Told {
    match *step {
        KmemStep::Shrinker { cache, seeks } => {
            let cache = w.name(cache);
            let why = match seeks {
                0 => "They cost nothing to have again: half of them go at a time.".to_owned(),
                _ => format!("To have one again costs {}.", count(seeks, "seek", "seeks")),
            };
            told(
                (format!("What nobody uses of {cache} can be taken away now."), why.clone()),
                (format!("Let a shrinker take away what nobody uses of {cache}."), why),
                format!("{cache} has a shrinker"),
            )
        }
        KmemStep::Unused { name, cache, unused: true, left } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "It stays, so that nobody has to read it again; it goes when memory is short.";
            told(
                (format!("Nobody uses {name} any more: {} of {cache} unused.", num(left)), why),
                (format!("Put {name} on the list of what nobody uses of {cache}."), why),
                format!("{name} is unused"),
            )
        }
        KmemStep::Unused { name, cache, unused: false, left } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "It was there all the time: that is what it was kept for.";
            told(
                (format!("{name} is used again: {} of {cache} unused.", num(left)), why),
                (format!("Take {name} from the list of what nobody uses of {cache}."), why),
                format!("{name} is used again"),
            )
        }
        KmemStep::NoShrinker { name, cache } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "It stays until somebody gives it back by hand.";
            told(
                (format!("{name} is on no list: {cache} has no shrinker."), why),
                (format!("{name} goes on no list: {cache} has no shrinker."), why),
                format!("{cache} has no shrinker"),
            )
        }
        KmemStep::ShrinkerCount { cache, node: _, priority, counts: [freeable, scan, deferred] } => {
            let cache = w.name(cache);
            let why = match scan {
                0 => format!(
                    "That share is no batch of 128 yet: {} wait for more urgent times.",
                    num(deferred)
                ),
                _ => format!("The more urgent it is, the larger the share; priority is {priority}."),
            };
            told(
                (format!("{cache}: {} unused, {} to look at.", num(freeable), num(scan)), why.clone()),
                (format!("See how many of the {} unused of {cache} to look at.", num(freeable)), why),
                format!("{cache}: {} of {} are looked at", num(scan), num(freeable)),
            )
        }
        KmemStep::Spared { name, cache: _ } => {
            let name = w.name(name);
            let why = "Somebody looked it up since it came to the list.";
            told(
                (format!("{name} was spared, and is the youngest now."), why),
                (format!("Spare {name}: it becomes the youngest."), why),
                format!("{name} is spared"),
            )
        }
        KmemStep::ShrinkerDone { cache, counts: [gone, spared, pages] } => {
            let cache = w.name(cache);
            let why = match (gone, pages) {
                (0, _) => "All that were looked at had been used meanwhile.",
                (_, 0) => "Each of their slabs still has an object that is in use.",
                _ => "A slab goes back when its last object has gone.",
            };
            let what = format!("{} went, {} spared", count(gone, "object", "objects"), num(spared));
            told(
                (format!("{cache}: {what}, {} came back.", count(pages, "page", "pages")), why),
                (format!("{cache}: {what}."), why),
                format!(
                    "{cache}: {} for {}",
                    count(pages, "page", "pages"),
                    count(gone, "object", "objects")
                ),
            )
        }
        KmemStep::SlabDropped { counts: [objects, pages] } => {
            let (objects, pages) =
                (count(objects, "unused object", "unused objects"), count(pages, "page", "pages"));
            let why = "What somebody uses stays, and its whole slab with it.";
            told(
                (format!("{objects} went, and {pages} came back."), why),
                (format!("Take {objects} away."), why),
                format!("{objects} for {pages}"),
            )
        }
        _ => unreachable!("the others are told where they are"),
    }
}

pub(super) fn zh(w: &Words, step: &KmemStep) -> Told {
    match *step {
        KmemStep::Shrinker { cache, seeks } => {
            let cache = w.name(cache);
            let why = match seeks {
                0 => "再要一个不费什么，一次就收走一半。".to_owned(),
                _ => format!("再要一个，相当于寻道 {seeks} 次。"),
            };
            told(
                (format!("{cache} 里没人用的对象，从现在起可以收走。"), why.clone()),
                (format!("给 {cache} 登记一个收缩器。"), why),
                format!("{cache} 有了收缩器"),
            )
        }
        KmemStep::Unused { name, cache, unused: true, left } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "先留着，省得再读一次；内存紧张时才走。";
            told(
                (format!("{name} 没人用了：{cache} 里有 {} 个没人用。", num(left)), why),
                (format!("把 {name} 放上 {cache} 没人用的链表。"), why),
                format!("{name} 没人用了"),
            )
        }
        KmemStep::Unused { name, cache, unused: false, left } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "它一直都在，留着就是为了这一刻。";
            told(
                (format!("{name} 又有人用了：{cache} 里有 {} 个没人用。", num(left)), why),
                (format!("把 {name} 从 {cache} 没人用的链表取下。"), why),
                format!("{name} 又有人用了"),
            )
        }
        KmemStep::NoShrinker { name, cache } => {
            let (name, cache) = (w.name(name), w.name(cache));
            let why = "它一直留着，直到有人亲手归还。";
            told(
                (format!("{name} 没上链表：{cache} 没有收缩器。"), why),
                (format!("{name} 不上链表：{cache} 没有收缩器。"), why),
                format!("{cache} 没有收缩器"),
            )
        }
        KmemStep::ShrinkerCount { cache, node: _, priority, counts: [freeable, scan, deferred] } => {
            let cache = w.name(cache);
            let why = match scan {
                0 => format!("份额还不够一批 128 个，{} 个留到更紧急时。", num(deferred)),
                _ => format!("越紧急看得越多，现在优先级是 {priority}。"),
            };
            told(
                (format!("{cache}：{} 个没人用，要看 {} 个。", num(freeable), num(scan)), why.clone()),
                (format!("{cache} 有 {} 个没人用：算算要看几个。", num(freeable)), why),
                format!("{cache}：{} 个里看 {} 个", num(freeable), num(scan)),
            )
        }
        KmemStep::Spared { name, cache: _ } => {
            let name = w.name(name);
            let why = "它上了链表以后，有人又查到过它。";
            told(
                (format!("放过 {name}，它成了最年轻的。"), why),
                (format!("放过 {name}：让它变成最年轻的。"), why),
                format!("放过 {name}"),
            )
        }
        KmemStep::ShrinkerDone { cache, counts: [gone, spared, pages] } => {
            let cache = w.name(cache);
            let why = match (gone, pages) {
                (0, _) => "看到的这些，这期间都有人用过。",
                (_, 0) => "它们的 slab 里都还有对象在用。",
                _ => "最后一个对象走了，slab 才还得掉。",
            };
            let what = format!("走了 {} 个对象，放过 {} 个", num(gone), num(spared));
            told(
                (format!("{cache}：{what}，收回 {} 页。", num(pages)), why),
                (format!("{cache}：{what}。"), why),
                format!("{cache}：{} 个对象换回 {} 页", num(gone), num(pages)),
            )
        }
        KmemStep::SlabDropped { counts: [objects, pages] } => {
            let (objects, pages) = (num(objects), num(pages));
            let why = "有人用的留下，它所在的 slab 也整个留下。";
            told(
                (format!("走了 {objects} 个没人用的对象，收回 {pages} 页。"), why),
                (format!("收走 {objects} 个没人用的对象。"), why),
                format!("{objects} 个对象换回 {pages} 页"),
            )
        }
        _ => unreachable!("the others are told where they are"),
    }
}
