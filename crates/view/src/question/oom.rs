//! Who is killed: the sentences of its question, and the misconceptions about it.

use mm::oom_kill::OomRules;
use mm::op::NameId;
use scenario::Lang;

use super::{Ask, Claim};
use crate::narrate::{Words, num};

/// A misconception about the OOM killer; with the process that it would kill.
#[allow(missing_docs, reason = "the sentences say it")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OomMistake {
    /// "Whoever asks for memory is to blame."
    Asker(NameId),
    /// "Whoever has promised itself the most": by rules that do not look at that.
    LargestVsz { process: NameId, rss: u64 },
    /// "Whoever has the most in memory": its adjustment is forgotten.
    LargestRss { process: NameId, adj: i16 },
    /// The same by the rules of 2.6.32, which look at promises.
    RssByOldRules(NameId),
    /// "The largest one": the rules of 2.6.32 divide by the time that it worked.
    SizeAlone(NameId),
    /// "Whoever has the highest oom_score_adj": what it has counts as well.
    HighestAdj(NameId),
    /// "The oldest one", which has the lowest number.
    LowestPid(NameId),
    /// "Whoever has the most": it is not in the group that is full.
    Outsider(NameId),
    /// "Whoever has the most": its memory lies on other nodes than those that are short.
    Elsewhere(NameId),
}

pub(super) fn ask(_: &Words, ask: &Ask, lang: Lang) -> String {
    let Ask::WhoDies { rules, .. } = *ask else { return String::new() };
    match rules {
        OomRules::V6_1 => lang.pick("Memory has run out. Who is killed?", "内存耗尽了，杀谁？").into(),
        rules => match lang {
            Lang::En => format!("Memory has run out. Whom does Linux {} kill?", rules.name()),
            Lang::Zh => format!("内存耗尽了，Linux {} 杀谁？", rules.name()),
        },
    }
}

/// What an answer says.
pub(super) fn claim(w: &Words, claim: &Claim) -> String {
    match *claim {
        Claim::Dies(process) => w.name(process).into_owned(),
        _ => String::new(),
    }
}

pub(super) fn mistake(w: &Words, mistake: OomMistake, lang: Lang) -> String {
    match lang {
        Lang::En => en(w, mistake),
        Lang::Zh => zh(w, mistake),
    }
}

fn en(w: &Words, mistake: OomMistake) -> String {
    match mistake {
        OomMistake::Asker(p) => {
            format!(
                "“{} asks, so it goes”? Only with vm.oom_kill_allocating_task: the worst one goes.",
                w.name(p)
            )
        }
        OomMistake::LargestVsz { process, rss } => {
            let p = w.name(process);
            format!("“{p} has most addresses”? Promises free nothing: it has {} pages in memory.", num(rss))
        }
        OomMistake::LargestRss { process, adj: -1000 } => {
            format!("“{} has the most”? Its oom_score_adj is −1000: it may not be killed.", w.name(process))
        }
        OomMistake::LargestRss { process, adj: 0 } => {
            format!("“{} has the most”? Another one offers itself with its oom_score_adj.", w.name(process))
        }
        OomMistake::LargestRss { process, .. } => {
            format!(
                "“{} has the most”? oom_score_adj counts too, in thousandths of all memory.",
                w.name(process)
            )
        }
        OomMistake::RssByOldRules(p) => {
            format!("“{} has the most in memory”? 2.6.32 counts all addresses, not RSS.", w.name(p))
        }
        OomMistake::SizeAlone(p) => {
            format!("“{} is the largest”? 2.6.32 divides by long work, and by four for root.", w.name(p))
        }
        OomMistake::HighestAdj(p) => {
            format!("“{} has the highest oom_score_adj”? What it has counts as well.", w.name(p))
        }
        OomMistake::LowestPid(p) => format!("“{} is the oldest”? Age and numbers do not count.", w.name(p)),
        OomMistake::Outsider(p) => {
            format!("“{} has the most”? It is not in the group that is full.", w.name(p))
        }
        OomMistake::Elsewhere(p) => {
            format!("“{} has the most”? Its memory lies on other nodes.", w.name(p))
        }
    }
}

fn zh(w: &Words, mistake: OomMistake) -> String {
    match mistake {
        OomMistake::Asker(p) => {
            format!("“{} 要内存就杀它”？设了 vm.oom_kill_allocating_task 才这样，平时看分数。", w.name(p))
        }
        OomMistake::LargestVsz { process, rss } => {
            format!("“{} 的地址最多”？许诺腾不出内存：它只有 {} 页在内存里。", w.name(process), num(rss))
        }
        OomMistake::LargestRss { process, adj: -1000 } => {
            format!("“{} 占得最多”？它的 oom_score_adj 是 −1000，不能杀。", w.name(process))
        }
        OomMistake::LargestRss { process, adj: 0 } => {
            format!("“{} 占得最多”？另一个靠 oom_score_adj 排到了前面。", w.name(process))
        }
        OomMistake::LargestRss { process, .. } => {
            format!("“{} 占得最多”？oom_score_adj 也算，单位是全部内存的千分之一。", w.name(process))
        }
        OomMistake::RssByOldRules(p) => {
            format!("“{} 在内存里的页最多”？2.6.32 看的是全部地址，不是 RSS。", w.name(p))
        }
        OomMistake::SizeAlone(p) => {
            format!("“{} 最大”？2.6.32 给干得久的打折，root 还要除以四。", w.name(p))
        }
        OomMistake::HighestAdj(p) => format!("“{} 的 oom_score_adj 最高”？占了多少也算。", w.name(p)),
        OomMistake::LowestPid(p) => format!("“{} 最老”？年龄和进程号都不算。", w.name(p)),
        OomMistake::Outsider(p) => format!("“{} 占得最多”？它不在满了的组里。", w.name(p)),
        OomMistake::Elsewhere(p) => format!("“{} 占得最多”？它的内存在别的节点上。", w.name(p)),
    }
}
