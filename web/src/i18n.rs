//! Every word of the page itself in both languages. One `match` for each language: a word that is missing in one of them
//! does not compile. What only panes and dialogs say comes with their part ([`panes`]). Kernel names are no words; they are never translated.

pub mod panes;

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
    StageObjects,
    StageVmalloc,
    StageFaults,
    StageWalk,
    /// The tab of the memory hierarchy.
    StageHierarchy,
    StageOom,
    StageSegmentation,
    StageNodes,
    StageCma,
    StageDma,
    StageHuge,
    StageReclaim,
    StageCompaction,
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
    Free,
    Largest,
    KeptByCpus,
    NothingFree,

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

    // Lessons.
    NoStory,
    AllLessons,

    // The inspector.
    NothingSelected,
    NothingSelectedHint,
    NothingSelectedKeys,
    Deselect,

    // Dialogs.
    Close,
    TwinHeading,

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
            Msg::StageObjects => "Objects",
            Msg::StageVmalloc => "vmalloc",
            Msg::StageFaults => "Faults",
            Msg::StageWalk => "Page walk",
            Msg::StageHierarchy => "Hierarchy",
            Msg::StageOom => "OOM",
            Msg::StageSegmentation => "Segments",
            Msg::StageNodes => "Nodes",
            Msg::StageCma => "CMA",
            Msg::StageDma => "DMA",
            Msg::StageHuge => "Huge",
            Msg::StageReclaim => "Reclaim",
            Msg::StageCompaction => "Compaction",
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
            Msg::Free => "free",
            Msg::Largest => "largest order",
            Msg::KeptByCpus => "CPUs keep",
            Msg::NothingFree => "none",

            Msg::Narration => "What happens",
            Msg::Story => "story",
            Msg::JustDid => "just did",
            Msg::Failed => "failed",
            Msg::Next => "next",
            Msg::Press => "Press",
            Msg::ToSee => "to see:",

            Msg::Predict => "Predict",
            Msg::PredictNext => "Predict the next step",

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

            Msg::NoStory => {
                "This scenario tells no story of its own. Step through it; each step says what it does."
            }
            Msg::AllLessons => "All lessons",

            Msg::NothingSelected => "Nothing is selected",
            Msg::NothingSelectedHint => "Click or tap a block in the picture.",
            Msg::NothingSelectedKeys => "With keys: Tab to the picture, arrow keys to a block, Enter.",
            Msg::Deselect => "Deselect",

            Msg::Close => "Close",
            Msg::TwinHeading => "The picture as text",

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
            Msg::StagePageblocks => "pageblock",
            Msg::StageFragmentation => "碎片",
            Msg::StageObjects => "对象",
            Msg::StageVmalloc => "vmalloc",
            Msg::StageFaults => "缺页",
            Msg::StageWalk => "页表查找",
            Msg::StageHierarchy => "层次",
            Msg::StageOom => "OOM",
            Msg::StageSegmentation => "分段",
            Msg::StageNodes => "节点",
            Msg::StageCma => "CMA",
            Msg::StageDma => "DMA",
            Msg::StageHuge => "大页",
            Msg::StageReclaim => "回收",
            Msg::StageCompaction => "规整",
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
            Msg::Free => "空闲",
            Msg::Largest => "最大阶",
            Msg::KeptByCpus => "CPU 留着",
            Msg::NothingFree => "无",

            Msg::Narration => "正在发生什么",
            Msg::Story => "讲解",
            Msg::JustDid => "刚才",
            Msg::Failed => "失败",
            Msg::Next => "下一步",
            Msg::Press => "按",
            Msg::ToSee => "看：",

            Msg::Predict => "预测",
            Msg::PredictNext => "预测下一步",

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

            Msg::NoStory => "这个场景没有自带讲解。逐步走下去，每一步都会说明它做了什么。",
            Msg::AllLessons => "全部课程",

            Msg::NothingSelected => "还没有选中任何块",
            Msg::NothingSelectedHint => "点一下图中的块。",
            Msg::NothingSelectedKeys => "用键盘：Tab 到图上，方向键到块，再按 Enter。",
            Msg::Deselect => "取消选中",

            Msg::Close => "关闭",
            Msg::TwinHeading => "图的文字版",

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

/// A sentence with numbers in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Say<'a> {
    /// Steps per second.
    Speed(&'a str),
}

impl Say<'_> {
    /// The text in a language.
    #[must_use]
    pub fn text(self, lang: Lang) -> String {
        match (self, lang) {
            (Say::Speed(speed), Lang::En) => format!("{speed} steps a second"),
            (Say::Speed(speed), Lang::Zh) => format!("每秒 {speed} 步"),
        }
    }
}
