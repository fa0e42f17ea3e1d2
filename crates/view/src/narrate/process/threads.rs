//! What is said of threads, and of all memory locked at once, in both languages.

use mm::step::ProcessStep;

use super::super::en::count;
use super::super::told;
use super::{Told, Words, hex, kib, num, pick};

pub(super) fn en(w: &Words, p: &str, step: &ProcessStep) -> Option<Told> {
    Some(match *step {
        ProcessStep::StackReused { start, pages } => {
            let (at, pages) = (hex(start), count(pages.0, "page", "pages"));
            let why = pick(w, "The C library kept it when another thread ended.", "It was kept.");
            told(
                (format!("A stack of {pages} was left at {at}: no mmap is needed."), why),
                (format!("Take the stack of {pages} at {at}: no mmap is needed."), why),
                format!("the stack at {at} is used again"),
            )
        }
        ProcessStep::ThreadStarted { thread, cpu, users } => {
            let (t, users) = (w.name(thread), count(users, "task", "tasks"));
            let why = pick(w, "They share all: no area and no page table is copied.", "Nothing is copied.");
            told(
                (format!("{t} runs on CPU {}, in the address space of {p}: {users} use it.", cpu.0), why),
                (format!("Start {t} on CPU {}, in the address space of {p}: {users} use it.", cpu.0), why),
                format!("{t} starts in {p}, on CPU {}", cpu.0),
            )
        }
        ProcessStep::ThreadExited { thread, users } => {
            let (t, users) = (w.name(thread), count(users, "user", "users"));
            let why = pick(w, "It goes when its last user does.", "It goes with the last one.");
            told(
                (format!("{t} is gone; the address space of {p} has {users} left."), why),
                (format!("End {t}; the address space of {p} has {users} left."), why),
                format!("{t} is gone, {p} has {users} left"),
            )
        }
        ProcessStep::ThreadMoved { thread, from, to } => {
            let t = w.name(thread);
            let why = pick(w, "Another CPU, another TLB: it is cold there.", "Its TLB is another one.");
            told(
                (format!("{t} went from CPU {} to CPU {}.", from.0, to.0), why),
                (format!("Put {t} from CPU {} on CPU {}.", from.0, to.0), why),
                format!("{t} goes from CPU {} to CPU {}", from.0, to.0),
            )
        }
        ProcessStep::LockedAll { current, future, total } => {
            let all = kib(w, total);
            let (what, why) = match (current, future) {
                (false, false) => ("nothing", "Pages stay for now, but they may go."),
                (true, false) => ("what is mapped", "What is missing comes now."),
                (false, true) => ("what will be mapped", "What is there may go as before."),
                (true, true) => ("all memory", "What is missing comes now, what is new at once."),
            };
            told(
                (format!("{p} has {what} locked: VmLck is {all}."), why),
                (format!("Have {what} of {p} locked: VmLck becomes {all}."), why),
                format!("{p} has {what} locked"),
            )
        }
        _ => return None,
    })
}

pub(super) fn zh(w: &Words, p: &str, step: &ProcessStep) -> Option<Told> {
    Some(match *step {
        ProcessStep::StackReused { start, pages } => {
            let (at, pages) = (hex(start), num(pages.0));
            let why = pick(w, "别的线程结束时，C 库留下了它。", "C 库留下的。");
            told(
                (format!("{at} 留着一个 {pages} 页的栈，不用 mmap。"), why),
                (format!("用 {at} 留着的 {pages} 页的栈，不用 mmap。"), why),
                format!("再用 {at} 的栈"),
            )
        }
        ProcessStep::ThreadStarted { thread, cpu, users } => {
            let (t, users) = (w.name(thread), num(users));
            let why = pick(w, "共享一切：区域和页表都不复制。", "都不复制。");
            told(
                (format!("{t} 在 CPU {} 上跑起来，{users} 个任务同用 {p} 的地址空间。", cpu.0), why),
                (format!("在 CPU {} 上启动 {t}，{users} 个任务同用 {p} 的地址空间。", cpu.0), why),
                format!("{t} 在 {p} 里启动，CPU {}", cpu.0),
            )
        }
        ProcessStep::ThreadExited { thread, users } => {
            let (t, users) = (w.name(thread), num(users));
            let why = pick(w, "最后一个走了，地址空间才走。", "最后一个走才没。");
            told(
                (format!("{t} 结束了，{p} 的地址空间还有 {users} 个任务在用。"), why),
                (format!("结束 {t}，{p} 的地址空间还有 {users} 个任务在用。"), why),
                format!("{t} 结束，{p} 还有 {users} 个任务"),
            )
        }
        ProcessStep::ThreadMoved { thread, from, to } => {
            let t = w.name(thread);
            let why = pick(w, "换了 CPU 就换了 TLB，那里是冷的。", "TLB 也换了。");
            told(
                (format!("{t} 从 CPU {} 到了 CPU {}。", from.0, to.0), why),
                (format!("把 {t} 从 CPU {} 挪到 CPU {}。", from.0, to.0), why),
                format!("{t} 从 CPU {} 到 CPU {}", from.0, to.0),
            )
        }
        ProcessStep::LockedAll { current, future, total } => {
            let all = kib(w, total);
            let (what, how, why) = match (current, future) {
                (false, false) => ("什么都不再锁住", "不再锁住任何内存", "页暂时还在，以后可以走。"),
                (true, false) => ("锁住现有的内存", "锁住现有的内存", "缺的页现在就来。"),
                (false, true) => ("锁住以后的内存", "锁住以后的内存", "现有的照旧可以走。"),
                (true, true) => ("锁住所有内存", "锁住所有内存", "缺的现在来，新的马上来。"),
            };
            told(
                (format!("{p} {what}：VmLck 为 {all}。"), why),
                (format!("让 {p} {how}：VmLck 变为 {all}。"), why),
                format!("{p} {what}"),
            )
        }
        _ => return None,
    })
}
