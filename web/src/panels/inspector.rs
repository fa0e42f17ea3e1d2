//! Z3: the frame of the inspector; what it says about a block is a [`card`](super::card).

use scenario::Lang;
use yew::prelude::*;

use super::parts::icon_button;
use crate::Action;
use crate::i18n::Msg;
use crate::icons::Icon;

/// The inspector around the card of what is selected, and the rail that it folds to.
pub fn inspector(lang: Lang, selected: bool, card: Html, on: &Callback<Action>) -> Html {
    html! {
        <aside class="z3" aria-label={Msg::Inspector.text(lang)}>
            <div class="rail">
                { icon_button(Icon::Card, Msg::Unfold.text(lang), "", on, Action::ToggleInspector) }
            </div>
            <div class="side">
                <div class="side-tabs">
                    <h2>{ Msg::Inspector.text(lang) }</h2>
                    <span class="grow" />
                    <span class="slot">
                        if selected {
                            { icon_button(Icon::Close, Msg::Deselect.text(lang), "", on, Action::Select(None)) }
                        }
                    </span>
                    { icon_button(Icon::FoldRight, Msg::Fold.text(lang), "fold", on, Action::ToggleInspector) }
                </div>
                <div class="pane">
                    <div class="scroll pad card" tabindex="0" role="group" aria-label={Msg::Inspector.text(lang)}>
                        if selected {
                            { card }
                        } else {
                            <div>
                                <h3>{ Msg::NothingSelected.text(lang) }</h3>
                                <p class="empty">{ Msg::NothingSelectedHint.text(lang) }</p>
                                <p class="empty by-keys">{ Msg::NothingSelectedKeys.text(lang) }</p>
                            </div>
                        }
                    </div>
                </div>
            </div>
        </aside>
    }
}
