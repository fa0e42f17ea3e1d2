//! The text twin: the picture's facts as real tables, for searching, copying and listening.

use scenario::Lang;
use view::twin::Table;
use yew::prelude::*;

use super::dialog::Dialog;
use super::parts::CopyButton;
use crate::Action;
use crate::i18n::Msg;
use crate::i18n::panes::PaneMsg;

/// Rows of text with tabs between: what a spreadsheet takes.
fn tabbed(table: &Table) -> String {
    let mut lines = vec![table.caption.clone(), table.headers.join("\t")];
    lines.extend(table.rows.iter().map(|cells| cells.join("\t")));
    lines.join("\n")
}

/// Properties of [`Twin`].
#[derive(Properties, PartialEq)]
pub struct TwinProps {
    /// The language.
    pub lang: Lang,
    /// Sentences before the tables.
    pub summary: Vec<AttrValue>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The text twin.
#[component]
pub fn Twin(props: &TwinProps) -> Html {
    let TwinProps { lang, summary, tables, on } = props;
    let lang = *lang;
    let mut all: Vec<String> = summary.iter().map(ToString::to_string).collect();
    all.extend(tables.iter().map(tabbed));
    html! {
        <Dialog
            {lang}
            class="wide twin"
            title={Msg::TwinHeading.text(lang)}
            on_close={on.reform(|()| Action::Overlay(None))}
        >
            <p class="quiet">{ PaneMsg::TwinIntro.text(lang) }</p>
            <div>{ for summary.iter().map(|line| html! { <p>{ line.clone() }</p> }) }</div>
            <div>{ for tables.iter().enumerate().map(|(at, table)| draw(at, table, lang)) }</div>
            <div class="buttons">
                <CopyButton {lang} text={all.join("\n\n")} label={PaneMsg::Copy} />
            </div>
        </Dialog>
    }
}

/// A cell that holds a number stands right.
fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || c == '−' || c == '-')
        && cell.chars().all(|c| c.is_ascii_digit() || ".,−-–%".contains(c))
}

fn draw(at: usize, table: &Table, lang: Lang) -> Html {
    let number = |column: usize| {
        column > 0
            && !table.rows.is_empty()
            && table.rows.iter().filter_map(|row| row.get(column)).all(|cell| is_number(cell))
    };
    html! {
        <table key={at}>
            <caption>{ table.caption.clone() }</caption>
            <thead>
                <tr>
                    { for table.headers.iter().enumerate().map(|(at, name)| html! {
                        <th scope="col" class={number(at).then_some("number")}>{ name.clone() }</th>
                    }) }
                </tr>
            </thead>
            <tbody>
                <tr hidden={!table.rows.is_empty()}>
                    <td colspan={table.headers.len().to_string()}>{ Msg::NothingFree.text(lang) }</td>
                </tr>
                { for table.rows.iter().map(|row| html! {
                    <tr>
                        { for row.iter().enumerate().map(|(at, cell)| {
                            if at == 0 {
                                html! { <th scope="row">{ cell.clone() }</th> }
                            } else {
                                html! { <td class={number(at).then_some("number")}>{ cell.clone() }</td> }
                            }
                        }) }
                    </tr>
                }) }
            </tbody>
        </table>
    }
}
