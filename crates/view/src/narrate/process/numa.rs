//! What is said of which node memory comes from.

use mm::mempolicy::{Mempolicy, Mode, NodeMask};
use mm::{NrPages, Vaddr};

use super::super::{Told, Words, num, told};
use super::join;

pub(super) fn nodes_en(nodes: NodeMask) -> String {
    format!("{} {nodes}", if nodes.weight() == 1 { "node" } else { "nodes" })
}

/// Where memory comes from by a policy.
pub(super) fn whence_en(policy: Option<Mempolicy>) -> String {
    let Some(Mempolicy { mode, nodes }) = policy else { return "from wherever is usual".into() };
    let of = nodes_en(nodes);
    match mode {
        Mode::Local => "from the CPU's own node".into(),
        Mode::Preferred | Mode::PreferredMany => format!("from {of} first"),
        Mode::Bind => format!("from {of} alone"),
        Mode::Interleave => format!("from {of} in turn"),
    }
}

pub(super) fn whence_zh(policy: Option<Mempolicy>) -> String {
    let Some(Mempolicy { mode, nodes }) = policy else { return "照旧".into() };
    match mode {
        Mode::Local => "取自 CPU 自己的节点".into(),
        Mode::Preferred | Mode::PreferredMany => format!("先取自节点 {nodes}"),
        Mode::Bind => format!("只取自节点 {nodes}"),
        Mode::Interleave => format!("轮流取自节点 {nodes}"),
    }
}

pub(super) fn set_en(w: &Words, p: &str, policy: Option<Mempolicy>, area: Option<(Vaddr, NrPages)>) -> Told {
    let from = whence_en(policy);
    match area {
        None => {
            let why = "What is said of an area goes first.";
            told(
                (format!("Memory of {p} comes {from} now."), why),
                (format!("Let memory of {p} come {from}."), why),
                format!("memory of {p} comes {from}"),
            )
        }
        Some((start, _)) => {
            let (start, why) = (
                super::hex(start),
                super::pick(w, "Pages that are there stay where they are.", "Others stay."),
            );
            told(
                (format!("New pages of the area at {start} come {from}."), why),
                (format!("Let new pages of the area at {start} come {from}."), why),
                format!("new pages at {start} come {from}"),
            )
        }
    }
}

pub(super) fn set_zh(w: &Words, p: &str, policy: Option<Mempolicy>, area: Option<(Vaddr, NrPages)>) -> Told {
    let from = whence_zh(policy);
    match area {
        None => {
            let why = "对区域说的优先。";
            told(
                (join(&[p, "的内存此后", &from]) + "。", why),
                (join(&["让", p, "的内存此后", &from]) + "。", why),
                join(&[p, "的内存", &from]),
            )
        }
        Some((start, _)) => {
            let (start, why) = (super::hex(start), super::pick(w, "已有的页留在原处。", "已有的不动。"));
            told(
                (join(&[&start, "的区域里新来的页", &from]) + "。", why),
                (join(&["让", &start, "的区域里新来的页", &from]) + "。", why),
                join(&[&start, "的新页", &from]),
            )
        }
    }
}

pub(super) fn placed_en(
    p: &str,
    Mempolicy { mode, nodes }: Mempolicy,
    node: Option<u8>,
    by_area: bool,
    index: Option<u64>,
) -> Told {
    let of = nodes_en(nodes);
    let who = if by_area { "the area".to_owned() } else { p.to_owned() };
    let node = node.unwrap_or_default();
    let (did, next, why) = match (mode, index) {
        (Mode::Local, _) => (
            "The CPU's own node is asked first.".to_owned(),
            "Ask the CPU's own node first.".to_owned(),
            format!("So it is said of {who}."),
        ),
        (Mode::Preferred, _) => (
            format!("Node {node} is asked first."),
            format!("Ask node {node} first."),
            format!("So it is said of {who}; the others come after it."),
        ),
        (Mode::PreferredMany, _) => (
            format!("Only {of} are asked at first."),
            format!("Ask {of} first."),
            format!("So it is said of {who}; without waiting, and then all."),
        ),
        (Mode::Bind, _) => (
            format!("Only {of} may serve it."),
            format!("Ask {of} alone."),
            format!("So it is said of {who}: rather nothing than other memory."),
        ),
        (Mode::Interleave, Some(index)) => (
            format!("It is the turn of node {node}."),
            format!("Ask node {node}: it is its turn."),
            format!("Page {} modulo {}, among {of}.", num(index), nodes.weight()),
        ),
        (Mode::Interleave, None) => (
            format!("It is the turn of node {node}."),
            format!("Ask node {node}: it is its turn."),
            format!("Whatever {p} asks for, {of} serve in turn."),
        ),
    };
    let brief = match mode {
        Mode::Local => "the CPU's own node first".to_owned(),
        Mode::Preferred => format!("node {node} first"),
        Mode::PreferredMany => format!("{of} first"),
        Mode::Bind => format!("{of} alone"),
        Mode::Interleave => format!("the turn of node {node}"),
    };
    told((did, why.clone()), (next, why), brief)
}

pub(super) fn placed_zh(
    p: &str,
    Mempolicy { mode, nodes }: Mempolicy,
    node: Option<u8>,
    by_area: bool,
    index: Option<u64>,
) -> Told {
    let said = if by_area { "对这个区域".to_owned() } else { join(&["对", p]) };
    let said = join(&[&said, "是这样说的"]);
    let node = node.unwrap_or_default();
    let (did, next, why) = match (mode, index) {
        (Mode::Local, _) => {
            ("先问了 CPU 自己的节点。".to_owned(), "先问 CPU 自己的节点。".to_owned(), format!("{said}。"))
        }
        (Mode::Preferred, _) => (
            format!("先问了节点 {node}。"),
            format!("先问节点 {node}。"),
            format!("{said}，没有再找别的节点。"),
        ),
        (Mode::PreferredMany, _) => (
            format!("先只问了节点 {nodes}。"),
            format!("先只问节点 {nodes}。"),
            format!("{said}：不等待，没有再问所有节点。"),
        ),
        (Mode::Bind, _) => (
            format!("只有节点 {nodes} 可以给。"),
            format!("只问节点 {nodes}。"),
            format!("{said}：宁可没有，也不要别处的。"),
        ),
        (Mode::Interleave, Some(index)) => (
            format!("轮到了节点 {node}。"),
            format!("轮到节点 {node}，问它。"),
            format!("第 {} 页除以 {} 的余数，在节点 {nodes} 里数。", num(index), nodes.weight()),
        ),
        (Mode::Interleave, None) => (
            format!("轮到了节点 {node}。"),
            format!("轮到节点 {node}，问它。"),
            join(&["不管", p, "要什么，都由节点"]) + &format!(" {nodes} 轮流给。"),
        ),
    };
    let brief = match mode {
        Mode::Local => "先问 CPU 自己的节点".to_owned(),
        Mode::Preferred => format!("先问节点 {node}"),
        Mode::PreferredMany => format!("先问节点 {nodes}"),
        Mode::Bind => format!("只问节点 {nodes}"),
        Mode::Interleave => format!("轮到节点 {node}"),
    };
    told((did, why.clone()), (next, why), brief)
}
