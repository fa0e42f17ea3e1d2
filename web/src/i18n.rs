//! Every word of the page itself in both languages. One enum, one `match` for each language: a word that is missing
//! in one of them does not compile. Kernel names are no words; they are never translated.

use scenario::Lang;

/// A word or sentence without numbers in it; its English text says what each is for.
#[allow(missing_docs, reason = "the variant and its two texts say it all")]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Msg {
    // The top bar.
    SkipToStage,
    TopBar,
    Stages,
    StagePyramid,
    StageFrameMap,
    StagePerCpu,
    StageZones,
    StagePageblocks,
    StageFragmentation,
    Share,
    Present,
    LeavePresent,
    OtherLanguage,
    ThemeLight,
    ThemeDark,
    ThemeProjector,
    Keys,
    More,
    RulesHeading,
    Untitled,

    // The sides.
    LeftSide,
    Lessons,
    Scenario,
    Proc,
    Log,
    Fold,
    Unfold,
    Inspector,
    StoryTab,
    InspectTab,
    DoTab,
    Sheet,
    SheetLarger,
    SheetSmaller,

    // The stage and the figures.
    StageLabel,
    ZoomIn,
    ZoomOut,
    ZoomFit,
    Figures,
    FreePages,
    Free,
    Largest,
    InUse,
    InHand,
    OnTheWay,
    KeptByCpus,
    LargestFree,
    NothingFree,
    Now,

    // The narration.
    Narration,
    Story,
    JustDid,
    Failed,
    Next,
    Press,
    ToSee,

    // A question.
    Predict,
    PredictNext,
    Question,
    AnswerNumber,
    CheckAnswer,
    ShowAnswer,
    SkipQuestion,
    RightAnswer,
    WrongAnswer,
    AnswerIs,
    Yours,
    Kernel,
    GoOn,
    ResetTally,

    // The transport.
    Transport,
    ToStart,
    OpBack,
    StepBack,
    Play,
    Pause,
    StepForward,
    OpForward,
    ToEnd,
    Slower,
    Faster,
    Timeline,
    GoTo,
    MarkerFailure,
    MarkerSteal,
    MarkerMerge,
    MarkerSkipped,
    MarkerDiverged,
    MarkerCaption,
    MarkerQuestion,

    // Lessons.
    NoStory,
    AllLessons,

    // The scenario.
    ScenarioText,
    RestRuns,
    NoErrors,
    AllocHere,
    FreeHere,
    RemoveOp,
    Undo,
    Redo,
    NothingToFree,
    AddOps,
    FieldName,
    FieldOrder,
    FieldKind,

    // /proc.
    ProcOfMachine,
    Copy,
    Copied,

    // The log.
    LogEmpty,

    // The inspector.
    NothingSelected,
    NothingSelectedHint,
    ChecksHeading,
    HistoryHeading,
    HistoryEmpty,
    PreviousChange,
    NextChange,
    Deselect,

    // Dialogs.
    Close,
    HelpHeading,
    LegendHeading,
    SingleKeysOn,
    MotionOff,
    ShareHeading,
    LinkLabel,
    StartHere,
    StartAtBeginning,
    KeepLanguage,
    CopyLink,
    CopyMarkdown,
    DownloadFile,
    LightGood,
    LightChat,
    LightRisky,
    LightFile,
    QrLabel,
    TwinHeading,
    TwinIntro,
    LinkErrorHeading,
    LinkErrorKept,
    OpenRecovered,
    PasteFullLink,
    OpenLink,
    KeepCurrent,

    // Notes.
    NoteLinkCopied,
    NoteNoFurtherChange,
    NoteNothingSelected,
    NoteStepMoved,
    NoteOldFutureKept,
    NoteOpFromLoop,
    NotePartMissing,
    NoteNothingToAsk,
}

impl Msg {
    /// The text in a language.
    #[must_use]
    pub fn text(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en(),
            Lang::Zh => self.zh(),
        }
    }

    fn en(self) -> &'static str {
        match self {
            Msg::SkipToStage => "Skip to the picture",
            Msg::TopBar => "Page",
            Msg::Stages => "Pictures",
            Msg::StagePyramid => "Buddy",
            Msg::StageFrameMap => "Frames",
            Msg::StagePerCpu => "Per-CPU",
            Msg::StageZones => "Zones",
            Msg::StagePageblocks => "Pageblocks",
            Msg::StageFragmentation => "Fragments",
            Msg::Share => "Share",
            Msg::Present => "Present",
            Msg::LeavePresent => "Leave present mode",
            Msg::OtherLanguage => "切换到中文",
            Msg::ThemeLight => "Colours: light",
            Msg::ThemeDark => "Colours: dark",
            Msg::ThemeProjector => "Colours: projector",
            Msg::Keys => "Keys and help",
            Msg::More => "More",
            Msg::RulesHeading => "Whose rules these are",
            Msg::Untitled => "Untitled scenario",

            Msg::LeftSide => "Scenario",
            Msg::Lessons => "Lessons",
            Msg::Scenario => "Scenario",
            Msg::Proc => "/proc",
            Msg::Log => "Log",
            Msg::Fold => "Fold this panel",
            Msg::Unfold => "Show the inspector",
            Msg::Inspector => "Inspector",
            Msg::StoryTab => "Story",
            Msg::InspectTab => "Inspect",
            Msg::DoTab => "Do",
            Msg::Sheet => "Panels",
            Msg::SheetLarger => "Larger panel",
            Msg::SheetSmaller => "Smaller panel",

            Msg::StageLabel => "The picture of memory",
            Msg::ZoomIn => "Zoom in",
            Msg::ZoomOut => "Zoom out",
            Msg::ZoomFit => "Follow the step",
            Msg::Figures => "Figures",
            Msg::FreePages => "Free pages",
            Msg::Free => "free",
            Msg::Largest => "largest order",
            Msg::InUse => "in use",
            Msg::InHand => "in hand",
            Msg::OnTheWay => "on the way",
            Msg::KeptByCpus => "CPUs keep",
            Msg::LargestFree => "Largest free order",
            Msg::NothingFree => "none",
            Msg::Now => "now",

            Msg::Narration => "What happens",
            Msg::Story => "story",
            Msg::JustDid => "just did",
            Msg::Failed => "failed",
            Msg::Next => "next",
            Msg::Press => "Press",
            Msg::ToSee => "to see:",

            Msg::Predict => "Predict",
            Msg::PredictNext => "Predict the next step",
            Msg::Question => "question",
            Msg::AnswerNumber => "Your number",
            Msg::CheckAnswer => "Check",
            Msg::ShowAnswer => "Show the answer",
            Msg::SkipQuestion => "Skip",
            Msg::RightAnswer => "Right.",
            Msg::WrongAnswer => "Not so.",
            Msg::AnswerIs => "The answer",
            Msg::Yours => "You",
            Msg::Kernel => "Kernel",
            Msg::GoOn => "Go on",
            Msg::ResetTally => "Count from zero again",

            Msg::Transport => "Time",
            Msg::ToStart => "To the beginning",
            Msg::OpBack => "One op back",
            Msg::StepBack => "One step back",
            Msg::Play => "Play",
            Msg::Pause => "Pause",
            Msg::StepForward => "One step forward",
            Msg::OpForward => "One op forward",
            Msg::ToEnd => "To the end",
            Msg::Slower => "Slower",
            Msg::Faster => "Faster",
            Msg::Timeline => "Moment of the scenario",
            Msg::GoTo => "Go to step; also op.step, such as 4.2",
            Msg::MarkerFailure => "a request is not met",
            Msg::MarkerSteal => "a type takes from another",
            Msg::MarkerMerge => "three merges or more in one free",
            Msg::MarkerSkipped => "an op can do nothing",
            Msg::MarkerDiverged => "the real kernel took another block",
            Msg::MarkerCaption => "a sentence of the lesson",
            Msg::MarkerQuestion => "a step worth predicting (Q)",

            Msg::NoStory => {
                "This scenario tells no story of its own. Step through it; each step says what it does."
            }
            Msg::AllLessons => "All lessons",

            Msg::ScenarioText => "Text of the scenario",
            Msg::RestRuns => "the rest still runs",
            Msg::NoErrors => "No errors",
            Msg::AllocHere => "alloc",
            Msg::FreeHere => "free",
            Msg::RemoveOp => "Remove this op",
            Msg::Undo => "Undo the edit",
            Msg::Redo => "Redo the edit",
            Msg::NothingToFree => "nothing to free",
            Msg::AddOps => "Put an op in at this moment",
            Msg::FieldName => "name",
            Msg::FieldOrder => "order",
            Msg::FieldKind => "for",

            Msg::ProcOfMachine => "What this machine would print",
            Msg::Copy => "Copy",
            Msg::Copied => "Copied",

            Msg::LogEmpty => "No step of this op is done yet.",

            Msg::NothingSelected => "Nothing is selected",
            Msg::NothingSelectedHint => {
                "Click a block in the picture, or go to it with Tab and the arrow keys and press Enter."
            }
            Msg::ChecksHeading => "Would they merge?",
            Msg::HistoryHeading => "What became of this block",
            Msg::HistoryEmpty => "Nothing has happened to it yet.",
            Msg::PreviousChange => "Previous change",
            Msg::NextChange => "Next change",
            Msg::Deselect => "Deselect",

            Msg::Close => "Close",
            Msg::HelpHeading => "Keys",
            Msg::LegendHeading => "Signs on the timeline and in the picture",
            Msg::SingleKeysOn => "Single keys do something",
            Msg::MotionOff => "Nothing moves",
            Msg::ShareHeading => "Share this moment",
            Msg::LinkLabel => "Link",
            Msg::StartHere => "At this step",
            Msg::StartAtBeginning => "At the beginning",
            Msg::KeepLanguage => "In English for everybody",
            Msg::CopyLink => "Copy link",
            Msg::CopyMarkdown => "Copy as Markdown",
            Msg::DownloadFile => "Download the scenario",
            Msg::LightGood => "short enough for a QR code",
            Msg::LightChat => "fine in chats and mails",
            Msg::LightRisky => "Teams or Discord may cut it off",
            Msg::LightFile => "too long for a link: send the file",
            Msg::QrLabel => "QR code of the link",
            Msg::TwinHeading => "The picture as text",
            Msg::TwinIntro => "The same facts as the picture, to search, copy and listen to.",
            Msg::LinkErrorHeading => "This link cannot be opened",
            Msg::LinkErrorKept => "Nothing was opened in its place.",
            Msg::OpenRecovered => "Open what was recovered",
            Msg::PasteFullLink => "Paste the full link",
            Msg::OpenLink => "Open",
            Msg::KeepCurrent => "Stay here",

            Msg::NoteLinkCopied => "The link to this moment is copied",
            Msg::NoteNoFurtherChange => "This block does not change any more that way",
            Msg::NoteNothingSelected => "Select a block first",
            Msg::NoteStepMoved => {
                "The rules were corrected since this link was made, and its step has moved: this is the nearest one"
            }
            Msg::NotePartMissing => {
                "This part of the page could not be fetched; try again when the network is back"
            }
            Msg::NoteOldFutureKept => "A new future from here; Undo brings the old one back",
            Msg::NoteNothingToAsk => "There is nothing to predict about this step; ] goes to the next one",
            Msg::NoteOpFromLoop => "This op comes out of a loop: change the loop in the text",
        }
    }

    fn zh(self) -> &'static str {
        match self {
            Msg::SkipToStage => "跳到图",
            Msg::TopBar => "页面",
            Msg::Stages => "图",
            Msg::StagePyramid => "伙伴系统",
            Msg::StageFrameMap => "页框",
            Msg::StagePerCpu => "每 CPU",
            Msg::StageZones => "水位",
            Msg::StagePageblocks => "页块",
            Msg::StageFragmentation => "碎片",
            Msg::Share => "分享",
            Msg::Present => "放映",
            Msg::LeavePresent => "退出放映",
            Msg::OtherLanguage => "Switch to English",
            Msg::ThemeLight => "配色：浅色",
            Msg::ThemeDark => "配色：深色",
            Msg::ThemeProjector => "配色：投影",
            Msg::Keys => "键位与帮助",
            Msg::More => "更多",
            Msg::RulesHeading => "这里按谁的规则运行",
            Msg::Untitled => "未命名的场景",

            Msg::LeftSide => "场景",
            Msg::Lessons => "课程",
            Msg::Scenario => "场景",
            Msg::Proc => "/proc",
            Msg::Log => "记录",
            Msg::Fold => "收起这一栏",
            Msg::Unfold => "展开检视栏",
            Msg::Inspector => "检视",
            Msg::StoryTab => "讲解",
            Msg::InspectTab => "检视",
            Msg::DoTab => "动手",
            Msg::Sheet => "面板",
            Msg::SheetLarger => "放大面板",
            Msg::SheetSmaller => "缩小面板",

            Msg::StageLabel => "内存的图",
            Msg::ZoomIn => "放大",
            Msg::ZoomOut => "缩小",
            Msg::ZoomFit => "跟随当前步骤",
            Msg::Figures => "数值",
            Msg::FreePages => "空闲页",
            Msg::Free => "空闲",
            Msg::Largest => "最大阶",
            Msg::InUse => "在用",
            Msg::InHand => "手中",
            Msg::OnTheWay => "途中",
            Msg::KeptByCpus => "CPU 留着",
            Msg::LargestFree => "最大空闲阶",
            Msg::NothingFree => "无",
            Msg::Now => "现在",

            Msg::Narration => "正在发生什么",
            Msg::Story => "讲解",
            Msg::JustDid => "刚才",
            Msg::Failed => "失败",
            Msg::Next => "下一步",
            Msg::Press => "按",
            Msg::ToSee => "看：",

            Msg::Predict => "预测",
            Msg::PredictNext => "预测下一步",
            Msg::Question => "提问",
            Msg::AnswerNumber => "你的数",
            Msg::CheckAnswer => "确定",
            Msg::ShowAnswer => "看答案",
            Msg::SkipQuestion => "跳过",
            Msg::RightAnswer => "答对了。",
            Msg::WrongAnswer => "不是这样。",
            Msg::AnswerIs => "答案",
            Msg::Yours => "你",
            Msg::Kernel => "内核",
            Msg::GoOn => "继续",
            Msg::ResetTally => "重新计数",

            Msg::Transport => "时间",
            Msg::ToStart => "回到开头",
            Msg::OpBack => "后退一个操作",
            Msg::StepBack => "后退一步",
            Msg::Play => "播放",
            Msg::Pause => "暂停",
            Msg::StepForward => "前进一步",
            Msg::OpForward => "前进一个操作",
            Msg::ToEnd => "到末尾",
            Msg::Slower => "减慢",
            Msg::Faster => "加快",
            Msg::Timeline => "场景中的时刻",
            Msg::GoTo => "跳到第几步；也可写“操作.步”，如 4.2",
            Msg::MarkerFailure => "请求没有得到满足",
            Msg::MarkerSteal => "一种迁移类型从另一种取走页块",
            Msg::MarkerMerge => "一次释放合并三次以上",
            Msg::MarkerSkipped => "操作无事可做",
            Msg::MarkerDiverged => "真实内核取了另一块",
            Msg::MarkerCaption => "课程的一句讲解",
            Msg::MarkerQuestion => "值得预测的一步（Q）",

            Msg::NoStory => "这个场景没有自带讲解。逐步走下去，每一步都会说明它做了什么。",
            Msg::AllLessons => "全部课程",

            Msg::ScenarioText => "场景文本",
            Msg::RestRuns => "其余各行照常运行",
            Msg::NoErrors => "没有错误",
            Msg::AllocHere => "分配",
            Msg::FreeHere => "释放",
            Msg::RemoveOp => "去掉这个操作",
            Msg::Undo => "撤销编辑",
            Msg::Redo => "重做编辑",
            Msg::NothingToFree => "没有可释放的块",
            Msg::AddOps => "在此刻加入一个操作",
            Msg::FieldName => "名字",
            Msg::FieldOrder => "阶",
            Msg::FieldKind => "用途",

            Msg::ProcOfMachine => "这台机器会打印的内容",
            Msg::Copy => "复制",
            Msg::Copied => "已复制",

            Msg::LogEmpty => "这个操作还一步都没有走。",

            Msg::NothingSelected => "还没有选中任何块",
            Msg::NothingSelectedHint => "点一下图中的块；或用 Tab 和方向键移过去，再按 Enter。",
            Msg::ChecksHeading => "能合并吗？",
            Msg::HistoryHeading => "这一块的经过",
            Msg::HistoryEmpty => "它还没有经历过任何变化。",
            Msg::PreviousChange => "上一次变化",
            Msg::NextChange => "下一次变化",
            Msg::Deselect => "取消选中",

            Msg::Close => "关闭",
            Msg::HelpHeading => "键位",
            Msg::LegendHeading => "时间轴上和图中的记号",
            Msg::SingleKeysOn => "启用单键快捷键",
            Msg::MotionOff => "关闭动画",
            Msg::ShareHeading => "分享此刻",
            Msg::LinkLabel => "链接",
            Msg::StartHere => "从这一步开始",
            Msg::StartAtBeginning => "从头开始",
            Msg::KeepLanguage => "固定用中文打开",
            Msg::CopyLink => "复制链接",
            Msg::CopyMarkdown => "复制为 Markdown",
            Msg::DownloadFile => "下载场景文件",
            Msg::LightGood => "够短，可以做成二维码",
            Msg::LightChat => "适合聊天和邮件",
            Msg::LightRisky => "Teams、Discord 可能会截断",
            Msg::LightFile => "太长，不宜做链接：请发送文件",
            Msg::QrLabel => "链接的二维码",
            Msg::TwinHeading => "图的文字版",
            Msg::TwinIntro => "与图相同的事实，可以查找、复制和朗读。",
            Msg::LinkErrorHeading => "这个链接打不开",
            Msg::LinkErrorKept => "没有打开别的内容来顶替它。",
            Msg::OpenRecovered => "打开恢复出的部分",
            Msg::PasteFullLink => "粘贴完整的链接",
            Msg::OpenLink => "打开",
            Msg::KeepCurrent => "留在这里",

            Msg::NoteLinkCopied => "此刻的链接已复制",
            Msg::NoteNoFurtherChange => "这一块在这个方向上不再变化",
            Msg::NoteNothingSelected => "请先选中一块",
            Msg::NoteStepMoved => "做这个链接之后规则有过修正，原来的那一步已经移动：这里是离它最近的一步",
            Msg::NoteOldFutureKept => "从这里起是新的走向；撤销可回到原来的",
            Msg::NoteNothingToAsk => "这一步没有什么可预测的；按 ] 到下一处",
            Msg::NotePartMissing => "页面的这一部分没能取到；网络恢复后请再试",
            Msg::NoteOpFromLoop => "这个操作出自循环：请在文本里修改循环",
        }
    }
}

/// A sentence with numbers or names in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Say<'a> {
    /// How much of the text is wrong.
    Problems {
        /// Lines that do nothing.
        errors: usize,
        /// Lines that may not do what was meant.
        warnings: usize,
    },
    /// Of how many pages.
    OfPages(&'a str),
    /// The length of a link.
    Characters(usize),
    /// Steps per second.
    Speed(&'a str),
    /// Questions answered right, and all that were answered.
    Tally(u32, u32),
    /// What a shared link is called in Markdown.
    LinkTitle {
        /// The title of the scenario.
        title: &'a str,
        /// Steps done there.
        global: u64,
    },
}

impl Say<'_> {
    /// The text in a language.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match lang {
            Lang::En => self.en(),
            Lang::Zh => self.zh(),
        }
    }

    fn en(self) -> String {
        match self {
            Say::Problems { errors, warnings } => {
                let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
                match (errors, warnings) {
                    (0, w) => plural(w, "warning"),
                    (e, 0) => plural(e, "error"),
                    (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
                }
            }
            Say::OfPages(total) => format!("of {total}"),
            Say::Characters(n) => format!("{n} characters"),
            Say::Speed(speed) => format!("{speed} steps a second"),
            Say::Tally(right, all) => format!("{right} of {all} right"),
            Say::LinkTitle { title, global } => format!("{title}, step {global}"),
        }
    }

    fn zh(self) -> String {
        match self {
            Say::Problems { errors, warnings } => match (errors, warnings) {
                (0, w) => format!("{w} 处警告"),
                (e, 0) => format!("{e} 处错误"),
                (e, w) => format!("{e} 处错误，{w} 处警告"),
            },
            Say::OfPages(total) => format!("共 {total}"),
            Say::Characters(n) => format!("{n} 个字符"),
            Say::Speed(speed) => format!("每秒 {speed} 步"),
            Say::Tally(right, all) => format!("答对 {right}/{all}"),
            Say::LinkTitle { title, global } => format!("{title}，第 {global} 步"),
        }
    }
}
