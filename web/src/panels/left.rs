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

/// Properties of [`Left`].
#[derive(Properties, PartialEq)]
pub struct LeftProps {
    /// The language.
    pub lang: Lang,
    /// What it shows; none: it is folded.
    pub open: Option<LeftPanel>,
    /// Where actions go.
    pub on: Callback<Action>,
    /// The pane of the tab that is open.
    pub children: Html,
}

/// The left panel.
#[component]
pub fn Left(props: &LeftProps) -> Html {
    let LeftProps { lang, open, on, children } = props;
    let lang = *lang;
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
                            aria-current={(*open == Some(tab)).then_some("true")}
                            onclick={on.reform(move |_| Action::Left(Some(tab)))}
                        >
                            { face(tab).1.text(lang) }
                        </button>
                    }) }
                    <span class="grow" />
                    { icon_button(Icon::FoldLeft, Msg::Fold.text(lang), "fold", on, Action::Left(None)) }
                </div>
                { children.clone() }
            </div>
        </aside>
    }
}
