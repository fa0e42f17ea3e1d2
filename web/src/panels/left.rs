//! Z7: the left panel with its four tabs, and the rail that it folds to.

use scenario::Lang;
use yew::prelude::*;

use super::parts::icon_button;
use crate::Action;
use crate::action::LeftPanel;
use crate::i18n::Msg;
use crate::icons::Icon;

/// The tabs in their order.
const TABS: [LeftPanel; 4] = [LeftPanel::Lessons, LeftPanel::Scenario, LeftPanel::Proc, LeftPanel::Log];

fn face(panel: LeftPanel) -> (Icon, Msg) {
    match panel {
        LeftPanel::Lessons => (Icon::Book, Msg::Lessons),
        LeftPanel::Scenario => (Icon::Flask, Msg::Scenario),
        LeftPanel::Proc => (Icon::Terminal, Msg::Proc),
        LeftPanel::Log => (Icon::List, Msg::Log),
    }
}

/// The left panel: `open` is what it shows (none: it is folded), `pane` the pane of that tab.
pub fn left(lang: Lang, open: Option<LeftPanel>, pane: Html, on: &Callback<Action>) -> Html {
    html! {
        <aside class="z7" aria-label={Msg::LeftSide.text(lang)}>
            <div class="rail">
                { for TABS.map(|tab| {
                    let (shape, name) = face(tab);
                    html! {
                        <span key={name.text(Lang::En)}>
                            { icon_button(shape, name.text(lang), "", on, Action::Left(Some(tab))) }
                        </span>
                    }
                }) }
            </div>
            <div class="side">
                <div class="side-tabs" role="group" aria-label={Msg::LeftSide.text(lang)}>
                    { for TABS.map(|tab| html! {
                        <button
                            key={face(tab).1.text(Lang::En)}
                            type="button"
                            class="btn"
                            aria-current={(open == Some(tab)).then_some("true")}
                            onclick={on.reform(move |_| Action::Left(Some(tab)))}
                        >
                            { face(tab).1.text(lang) }
                        </button>
                    }) }
                    <span class="grow" />
                    { icon_button(Icon::FoldLeft, Msg::Fold.text(lang), "fold", on, Action::Left(None)) }
                </div>
                <div class="slot">{ pane }</div>
            </div>
        </aside>
    }
}
