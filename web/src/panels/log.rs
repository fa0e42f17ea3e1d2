//! The log: the steps of this op in words.

use scenario::Lang;
use yew::prelude::*;

use super::parts::{Entry, entry};
use crate::Action;
use crate::i18n::Msg;
use crate::i18n::panes::PaneMsg;

/// Properties of [`Log`].
#[derive(Properties, PartialEq)]
pub struct LogProps {
    /// The language.
    pub lang: Lang,
    /// The op as code.
    pub op: AttrValue,
    /// Its steps so far.
    pub entries: Vec<Entry>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The log.
#[component]
pub fn Log(props: &LogProps) -> Html {
    let LogProps { lang, op, entries, on } = props;
    html! {
        <div class="pane">
            <div class="scroll" tabindex="0" role="group" aria-label={Msg::Log.text(*lang)}>
                <div class="pad">
                    <h2 class="mono">{ op.clone() }</h2>
                    <p class="empty">{ if entries.is_empty() { PaneMsg::LogEmpty.text(*lang) } else { "" } }</p>
                </div>
                <ol>{ for entries.iter().map(|line| entry(line, on)) }</ol>
            </div>
        </div>
    }
}
