//! The icons: lines in a box of 24, drawn for this page. Decoration only: the control that holds one has its name.

use yew::prelude::*;

/// Which icon.
#[allow(missing_docs, reason = "an icon is named by what it shows")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    First,
    OpBack,
    Back,
    Play,
    Pause,
    Forward,
    OpForward,
    Last,
    Share,
    Screen,
    Sun,
    Moon,
    Beamer,
    Help,
    Dots,
    Book,
    Flask,
    Terminal,
    List,
    Card,
    Close,
    FoldLeft,
    FoldRight,
    Copy,
    Check,
    Cross,
    Minus,
    Plus,
    Fit,
    Undo,
    Redo,
    Trash,
    Table,
    Download,
    Globe,
    Warning,
    Qr,
    Predict,
}

impl Icon {
    /// The lines.
    fn path(self) -> &'static str {
        match self {
            Icon::First => "M6 5.5v13M18 5.5 11 12l7 6.5",
            Icon::OpBack => "M12 6 6 12l6 6M19 6l-6 6 6 6",
            Icon::Back => "M14.5 6 8.5 12l6 6",
            Icon::Play => "M8 5.2v13.6L19 12z",
            Icon::Pause => "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
            Icon::Forward => "M9.5 6l6 6-6 6",
            Icon::OpForward => "M5 6l6 6-6 6M12 6l6 6-6 6",
            Icon::Last => "M18 5.5v13M6 5.5 13 12l-7 6.5",
            Icon::Share => "M12 15V4M8 7.5 12 3.5l4 4M5 12v7.5h14V12",
            Icon::Screen => "M3 4.5h18V16H3zM12 16v4M8 20h8",
            Icon::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 \
                 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4"
            }
            Icon::Moon => "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z",
            Icon::Beamer => {
                "M3 9h18v8H3zM16 10.8a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM6 13h4M6 17v2M18 17v2M9 6l-1-2M12 5.5V3.5M15 6l1-2"
            }
            Icon::Help => "M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.1M12 17.3v.2",
            Icon::Dots => "M5 12h.01M12 12h.01M19 12h.01",
            Icon::Book => "M5 4.5h11.5a2 2 0 0 1 2 2v13H7a2 2 0 0 1-2-2zM5 17.5a2 2 0 0 1 2-2h11.5M9 8.5h5.5",
            Icon::Flask => {
                "M9 3.5h6M10 3.5v6L4.8 18.3A1.5 1.5 0 0 0 6.1 20.5h11.8a1.5 1.5 0 0 0 1.3-2.2L14 9.5v-6M7.5 15h9"
            }
            Icon::Terminal => "M3.5 5h17v14h-17zM7 9.5l3 2.5-3 2.5M12.5 15H17",
            Icon::List => "M9 6.5h11M9 12h11M9 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
            Icon::Card => "M4 5h16v14H4zM8 9.5h8M8 13h8M8 16h4",
            Icon::Close => "M6 6l12 12M18 6 6 18",
            Icon::FoldLeft => "M4.5 5v14M19 12H9M13 7.5 8.5 12l4.5 4.5",
            Icon::FoldRight => "M19.5 5v14M5 12h10M11 7.5l4.5 4.5-4.5 4.5",
            Icon::Copy => "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
            Icon::Check => "M5 12.5l4.5 4.5L19 7",
            Icon::Cross => "M7 7l10 10M17 7 7 17",
            Icon::Minus => "M5 12h14",
            Icon::Plus => "M12 5v14M5 12h14",
            Icon::Fit => "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
            Icon::Undo => "M8 5 4 9l4 4M4 9h10a5 5 0 0 1 0 10H9",
            Icon::Redo => "M16 5l4 4-4 4M20 9H10a5 5 0 0 0 0 10h5",
            Icon::Trash => "M4.5 7h15M9 7V4.5h6V7M6.5 7l1 12.5h9l1-12.5M10.5 10.5v5.5M13.5 10.5v5.5",
            Icon::Table => "M4 5h16v14H4zM4 9.7h16M4 14.3h16M10 5v14",
            Icon::Download => "M12 4v11M8 11l4 4 4-4M5 15v4.5h14V15",
            Icon::Globe => {
                "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM3.5 12h17M12 3.5c3 2.5 3 14.5 0 17M12 3.5c-3 2.5-3 14.5 0 17"
            }
            Icon::Warning => "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1",
            Icon::Predict => {
                "M12 2.5 21.5 12 12 21.5 2.5 12zM9.9 10.2a2.1 2.1 0 1 1 3 1.9c-.6.3-.9.7-.9 1.4M12 15.9v.1"
            }
            Icon::Qr => "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 14h2v6h-4v-2h2z",
        }
    }

    /// How the lines are drawn where the plain line is not right.
    fn class(self) -> Option<&'static str> {
        match self {
            Icon::Play | Icon::Pause => Some("solid"),
            Icon::Dots => Some("thick"),
            _ => None,
        }
    }
}

/// Draws an icon at the size that the zone sets (`--icon`).
pub fn icon(icon: Icon) -> Html {
    html! {
        <svg class="ic" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path class={icon.class()} d={icon.path()} />
        </svg>
    }
}

/// A ring of the picture: what it means is said beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ring {
    /// Just done.
    Did,
    /// Comes next.
    Next,
    /// Being looked at.
    Look,
    /// Just failed.
    Fail,
}

/// Draws a ring as it stands before a sentence or in a legend.
pub fn ring(ring: Ring) -> Html {
    let class = match ring {
        Ring::Did => None,
        Ring::Next => Some("next"),
        Ring::Look => Some("look"),
        Ring::Fail => Some("fail"),
    };
    html! {
        <svg class={classes!("ri", class)} viewBox="0 0 18 18" aria-hidden="true" focusable="false">
            <rect x="2" y="2" width="14" height="14" rx="3.5" />
            <path d={if ring == Ring::Fail { "M6 6l6 6M12 6l-6 6" } else { "" }} />
        </svg>
    }
}
