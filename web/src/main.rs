//! The mmscope page.
use yew::prelude::*;

#[component]
fn App() -> Html {
    html! {
        <main>{ "mmscope" }</main>
    }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
