//! The one table of what can be asked: routing and the description of the interface both read it.

use sinpyo_web::{
    asset,
    route::{Content, Parameter, Route, Table},
};

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Elections,
    Checkpoint,
    Tile,
    Entries,
    Summary,
    Rings,
    Ring,
    Live,
    Event,
    Ballot,
    Receipt,
    Begin,
    Register,
    Trustee,
    Home,
    Observe,
    Landing,
    Find,
    Protocol,
    TrusteePage,
    LoginPage,
    LogIn,
    LogOut,
    Desk,
    New,
    Create,
    Office,
    Edit,
    Save,
    Roll,
    RollFile,
    RollText,
    RollTake,
    RollStrike,
    Codes,
    CodeAgain,
    Invite,
    Step,
    Withdraw,
    Owner,
    Audit,
    ManageCreate,
    ManageRoll,
    ManageCodes,
    ManageStep,
    ManageWithdraw,
    ManageStrike,
    Health,
    Describe,
    Asset,
}

impl Operation {
    /// Whether pages of other origins may read the answer: the public record.
    pub(crate) const fn is_public(self) -> bool {
        use Operation as O;
        matches!(
            self,
            O::Elections
                | O::Checkpoint
                | O::Tile
                | O::Entries
                | O::Summary
                | O::Rings
                | O::Ring
                | O::Receipt
                | O::Describe
        )
    }

    /// Whether people see the answer.
    pub(crate) const fn is_page(self) -> bool {
        use Operation as O;
        self.is_desk()
            || matches!(
                self,
                O::Home
                    | O::Observe
                    | O::Landing
                    | O::Find
                    | O::Protocol
                    | O::TrusteePage
                    | O::LoginPage
                    | O::LogIn
            )
    }

    /// Whether only who is logged in may ask.
    pub(crate) const fn is_desk(self) -> bool {
        use Operation as O;
        matches!(
            self,
            O::LogOut
                | O::Desk
                | O::New
                | O::Create
                | O::Office
                | O::Edit
                | O::Save
                | O::Roll
                | O::RollFile
                | O::RollText
                | O::RollTake
                | O::RollStrike
                | O::Codes
                | O::CodeAgain
                | O::Invite
                | O::Step
                | O::Withdraw
                | O::Owner
                | O::Audit
        )
    }
}

use Operation as O;

const TEXT: Content = Content::of("text/plain");
const OCTETS: Content = Content::of("application/octet-stream");
const HTML: Content = Content::of("text/html");

const fn page(path: &'static str, operation: Operation, says: &'static str) -> Route<Operation> {
    Route::get(path, operation).says(says).gives(200, HTML)
}

const fn form(path: &'static str, operation: Operation, says: &'static str) -> Route<Operation> {
    Route::post(path, operation, Content::form("Form")).says(says).gives_nothing(303)
}

const fn manage(
    path: &'static str,
    operation: Operation,
    body: &'static str,
    says: &'static str,
) -> Route<Operation> {
    Route::post(path, operation, Content::json(body))
        .says(says)
        .gives(200, Content::json("Nothing"))
        .refuses(&[401, 404, 409])
}

static ROUTES: [Route<Operation>; 52] = [
    Route::get("/elections", O::Elections).says("The elections that are here").gives(200, Content::json("Elections")),
    Route::get("/e/{election}/log/checkpoint", O::Checkpoint)
        .says("The published checkpoint of the election's log (C2SP tlog-checkpoint)").gives(200, TEXT).refuses(&[404]),
    Route::get("/e/{election}/log/tile/{tile+}", O::Tile)
        .says("A tile of the tree or a bundle of entries (C2SP tlog-tiles)").gives(200, OCTETS).refuses(&[404]),
    Route::get("/e/{election}/log/entries", O::Entries).says("Entries, also those that no checkpoint commits to yet")
        .asks(&[Parameter::required("from", "index of the first"), Parameter::optional("limit", "how many, at most 256")])
        .gives(200, Content::json("Entries")).refuses(&[404]),
    Route::get("/e/{election}/summary", O::Summary).says("Where the election stands; everything in it follows from the log")
        .gives(200, Content::json("Summary")).refuses(&[404]),
    Route::get("/e/{election}/rings", O::Rings).says("All rings with their roots, in order").gives(200, Content::json("Rings"))
        .refuses(&[404]),
    Route::get("/e/{election}/rings/{ring}", O::Ring).says("One whole ring: its commitments, joined").gives(200, OCTETS)
        .refuses(&[404]),
    Route::get("/e/{election}/live", O::Live).says("Counters as they change (server-sent events)")
        .gives(200, Content::of("text/event-stream")).refuses(&[404]),
    Route::post("/e/{election}/events", O::Event, Content::json("Event"))
        .says("Append a signed event; the signature is the authority").gives(201, Content::json("Appended"))
        .refuses(&[403, 404, 409, 413, 422]),
    Route::post("/e/{election}/ballots", O::Ballot, OCTETS)
        .says("Cast a ballot; answered when it was verified and is durable. No login, no cookie: the header admission-token \
            has the token that pays for the check")
        .gives(201, Content::json("Receipt")).refuses(&[403, 404, 409, 413, 422, 503]),
    Route::get("/e/{election}/receipts/{tracking}", O::Receipt)
        .says("Proof that the ballot of a tracking code is in the log (C2SP tlog-proof)").gives(200, TEXT).refuses(&[404]),
    Route::post("/e/{election}/register/begin", O::Begin, Content::json("Code")).says("What a registration is to be made for")
        .gives(200, Content::json("Begun")).refuses(&[403, 404, 409, 429]),
    Route::post("/e/{election}/register", O::Register, Content::json("Registration"))
        .says("Register a commitment; the same request again gets the same answer").gives(201, Content::json("Registered"))
        .refuses(&[403, 404, 409, 422, 429]),
    Route::post("/e/{election}/trustees/{invitation}", O::Trustee, Content::json("TrusteeKeys"))
        .says("Accept an invitation to be a trustee").gives(201, Content::json("TrusteeNumber")).refuses(&[404, 409, 429]),
    page("/", O::Home, "The elections"),
    page("/e/{election}", O::Observe, "What everybody can see of an election"),
    page("/e/{election}/vote", O::Landing, "Where a voter begins"),
    page("/e/{election}/find", O::Find, "Where the ballot of a tracking code stands")
        .asks(&[Parameter::optional("tracking", "the code")]),
    page("/e/{election}/record", O::Protocol, "The record of the result, for printing"),
    page("/e/{election}/trustee/{invitation}", O::TrusteePage, "What a trustee does"),
    page("/admin/login", O::LoginPage, "Log in"),
    form("/admin/login", O::LogIn, "Log in"),
    form("/admin/logout", O::LogOut, "Log out"),
    page("/admin", O::Desk, "The elections of the host"),
    page("/admin/new", O::New, "A new election"),
    form("/admin/new", O::Create, "A new election"),
    page("/admin/e/{election}", O::Office, "An election of the host"),
    page("/admin/e/{election}/edit/{part}", O::Edit, "A part of a draft"),
    form("/admin/e/{election}/edit/{part}", O::Save, "Keep a part of a draft"),
    page("/admin/e/{election}/roll", O::Roll, "The roll"),
    Route::post("/admin/e/{election}/roll/file", O::RollFile, Content::of("text/csv")).says("A file of the roll, to be looked at")
        .gives(200, Content::json("Next")).refuses(&[403, 422]),
    form("/admin/e/{election}/roll/text", O::RollText, "The text of a roll, to be looked at"),
    form("/admin/e/{election}/roll/take", O::RollTake, "Take the roll that was looked at"),
    form("/admin/e/{election}/roll/strike", O::RollStrike, "Strike a line"),
    form("/admin/e/{election}/codes", O::Codes, "Make codes for all lines that have none"),
    form("/admin/e/{election}/codes/again", O::CodeAgain, "Make a new code for a line"),
    form("/admin/e/{election}/invite", O::Invite, "Invite a trustee"),
    form("/admin/e/{election}/step/{step}", O::Step, "The next step of the election"),
    form("/admin/e/{election}/withdraw", O::Withdraw, "A candidate withdraws"),
    form("/admin/e/{election}/accounts", O::Owner, "Let another account see an election"),
    page("/admin/e/{election}/audit", O::Audit, "What was done"),
    manage("/manage/elections", O::ManageCreate, "Order", "Begin an election").gives(201, Content::json("Begun")),
    Route::post("/manage/elections/{election}/roll", O::ManageRoll, Content::of("text/csv")).says("Take a roll, all of it or nothing")
        .gives(200, Content::json("Nothing")).refuses(&[401, 404, 422]),
    manage("/manage/elections/{election}/codes", O::ManageCodes, "Nothing", "Make codes for all lines that have none"),
    manage("/manage/elections/{election}/steps/{step}", O::ManageStep, "Nothing", "Take a step: call, next-reveal, next-shares, \
        next-complaints, next-answers, done, freeze, rings, open, close, result"),
    manage("/manage/elections/{election}/withdraw", O::ManageWithdraw, "Nothing", "A candidate withdraws"),
    manage("/manage/elections/{election}/strike", O::ManageStrike, "Nothing", "Strike a line of the roll"),
    Route::get("/healthz", O::Health).says("Whether the memory answers").gives(200, Content::json("Nothing")),
    Route::get("/openapi.json", O::Describe).says("This description").gives(200, Content::json("Nothing")),
    Route::get(asset::PATH, O::Asset).says("Files of the pages").gives(200, Content::of("text/javascript")).refuses(&[404]),
    Route::get("/favicon.ico", O::Asset).says("The icon").gives(200, Content::of("image/svg+xml")).refuses(&[404]),
    page("/admin/e/{election}/roll/preview", O::Roll, "The roll that waits to be taken"),
];

pub(crate) static TABLE: Table<Operation> = Table(&ROUTES);
