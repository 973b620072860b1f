//! The card in the reader as the page sees it.

use dianka_plugin_host::meter::{Content, Returned};
use dianka_store::{self as store, Account, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::look::{self, Finding, Look};
use super::{readers, totals};
use crate::accounts::view::AccountView;
use crate::errors::Code;
use crate::replacements::view::ReplacementView;
use crate::sales::decide::{meter_no, user_no};
use crate::sales::recover::Recovered;
use crate::sales::view::SaleView;
use crate::state::App;
use dianka_station::proto::CardSeen;

/// Sales shown beside a card.
const LAST_SALES: u32 = 3;
/// A card may be read several times at one visit.
const LAST_READINGS: u32 = 20;

/// A card and what the books say about it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardView {
    /// The card session; a quote is tied to it.
    pub session: Uuid,
    /// `sle4442`, ...
    pub chip: String,
    /// `blank`, `purchase`, `foreign`, `torn`, `unreadable`, or another card kind.
    pub kind: String,
    /// Free tries of the password.
    pub tries: Option<u8>,
    /// Whose card it is.
    pub account: Option<AccountView>,
    /// The purchase on it.
    pub purchase: Option<PurchaseView>,
    /// What the meter wrote back 返写.
    pub returned: Option<ReturnedView>,
    /// The purchase has not been taken by the meter.
    pub unused: bool,
    /// An unfinished sale of this card.
    pub open_sale: Option<SaleView>,
    /// An unfinished sale of this counter that this blank card may be meant for.
    pub maybe_sale: Option<SaleView>,
    /// All of them, those of this counter first; `maybe_sale` is the first.
    pub maybe_sales: Vec<SaleView>,
    /// An unfinished replacement of the account's card: this is the new card, or the account waits for it.
    pub open_replacement: Option<ReplacementView>,
    /// Unfinished replacements of this counter that this blank card may be meant for.
    pub maybe_replacements: Vec<ReplacementView>,
    /// What to know.
    pub problems: Vec<CardProblem>,
    /// The last sales of the account.
    pub last_sales: Vec<SaleView>,
}

/// A finding about a card.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardProblem {
    /// A code of the catalogue.
    pub code: String,
    /// Its figures.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
    /// Whether it forbids a sale.
    pub blocking: bool,
}

/// The purchase on a card. Meter energy, Wh.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PurchaseView {
    /// Factory number that it is for.
    pub meter_no: String,
    /// Purchase number.
    pub count: u32,
    /// Quantity.
    pub quantity_wh: i64,
    /// Alarm level.
    pub alarm_wh: i64,
    /// Overdraft limit.
    pub overdraft_wh: i64,
    /// Hoarding limit.
    pub hoard_wh: i64,
}

/// Returned data. Meter energy, Wh.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReturnedView {
    /// The meter that wrote it.
    pub meter_no: String,
    /// Last purchase number that it took.
    pub count: u32,
    /// Remaining.
    pub remaining_wh: i64,
    /// Total used.
    pub total_used_wh: i64,
    /// Total purchased.
    pub total_purchased_wh: i64,
    /// Overdraft.
    pub overdraft_wh: i64,
    /// Power, W.
    pub power_w: u32,
    /// The relay is open.
    pub relay_open: bool,
    /// Status word.
    pub status: u32,
    /// Rejected insertions.
    pub errors: u32,
}

impl From<&Returned> for ReturnedView {
    fn from(r: &Returned) -> Self {
        Self {
            meter_no: format!("{:08}", r.meter_no),
            count: r.count,
            remaining_wh: r.remaining_wh.wh(),
            total_used_wh: r.total_used_wh.wh(),
            total_purchased_wh: r.total_purchased_wh.wh(),
            overdraft_wh: r.overdraft_wh.wh(),
            power_w: r.power_w,
            relay_open: r.relay_open,
            status: r.status,
            errors: r.errors,
        }
    }
}

impl From<&Finding> for CardProblem {
    fn from(f: &Finding) -> Self {
        Self { code: f.code.as_str().to_owned(), params: f.params.clone(), blocking: f.blocking }
    }
}

/// What the books know about a card.
#[derive(Debug, Default)]
pub struct Known {
    /// The organisation's system code.
    pub system_code: u32,
    /// The account that the card names.
    pub account: Option<Account>,
    /// The card's generation is the current one.
    pub current: bool,
    last: Vec<store::Sale>,
    readings: Vec<store::CardRead>,
    open: Option<Uuid>,
    replacing: Option<Uuid>,
    view: Option<AccountView>,
}

impl Known {
    /// Whether what the meter says it has taken is what was sold.
    fn against_the_books(&self, now: &Returned) -> Option<Finding> {
        let readings = self.readings.iter().filter_map(|read| read.returned.as_ref());
        let readings = readings.filter_map(|then| Some((then.count, then.total_purchased_wh?)));
        let committed = self.last.iter().filter(|sale| sale.state == store::SaleState::Committed);
        let sold = committed.map(|sale| (sale.facts.count, sale.facts.quantity_wh));
        totals::differ((now.count, now.total_purchased_wh), readings, sold)
    }
}

/// Reads what the books know about a decoded card.
///
/// # Errors
/// Those of the store.
pub async fn known(app: &App, org: Uuid, look: &Look) -> Result<Known, StoreError> {
    let today = app.today();
    app.store
        .tx(org, "card_known", async |s| {
            let system_code = store::org_get(s).await?.system_code;
            let none = Known { system_code, ..Known::default() };
            let content = match look {
                Look::Content(content) if content.system_code == system_code => content,
                _ => return Ok(none),
            };
            let account = match store::account_by_user_no(s, i64::try_from(content.user_no).unwrap_or_default()).await {
                Ok(account) => account,
                Err(StoreError::NotFound) => return Ok(none),
                Err(other) => return Err(other),
            };
            let current = store::card_current(s, account.account_id).await?;
            Ok(Known {
                system_code,
                current: current.card_no == i64::from(content.card_no),
                last: store::sale_by_account(s, account.account_id, LAST_SALES).await?,
                readings: store::card_read_list(s, account.account_id, LAST_READINGS).await?,
                open: store::sale_open_by_account(s, account.account_id).await?.map(|o| o.sale_id),
                replacing: store::replacement_open_by_account(s, account.account_id).await?,
                view: Some(AccountView::load(s, &account, today).await?),
                account: Some(account),
            })
        })
        .await
}

/// A card that nothing reads is to be replaced only where every driver that could read it was asked: else the driver is what
/// has to be told of, and the card may be a good one.
async fn unread(app: &App, org: Uuid, mut findings: Vec<Finding>) -> Vec<Finding> {
    let of_content = |finding: &Finding| matches!(finding.code, Code::CardUnreadable | Code::CardHalfWritten);
    let Some(at) = findings.iter().position(of_content) else { return findings };
    match readers::stopped(app, org).await {
        Ok(Some(stopped)) => findings.insert(at, stopped),
        Ok(None) => return findings,
        Err(error) => {
            tracing::error!(%error, "which drivers are stopped is not known");
            return findings;
        }
    }
    findings.retain(|finding| !of_content(finding));
    findings
}

/// Puts the view together.
pub async fn build(app: &App, org: Uuid, card: &CardSeen, look: &Look, known: &Known, done: Recovered) -> CardView {
    let content = match look {
        Look::Content(content) => Some(content.as_ref()),
        _ => None,
    };
    let mut findings = look::of_card(look, card.tries, known.system_code);
    if done == Recovered::Nothing {
        findings = unread(app, org, look::unclaimed(findings)).await;
    }
    if let (Some(content), Some(account)) = (content, &known.account) {
        findings.extend(look::compare(content, account, known.current));
        let returned = look::returned_of(content, user_no(account), meter_no(account));
        findings.extend(returned.and_then(|r| known.against_the_books(r)));
    }
    if let (Some(content), None) = (content.filter(|c| c.system_code == known.system_code), &known.account) {
        findings.push(unknown_account(content));
    }
    let unused = findings.iter().any(|f| f.code == Code::CardNotLoaded);
    let sale = |id: Uuid| async move { crate::sales::get::view(app, org, id).await.ok() };
    let open = match (&done, known.open) {
        (Recovered::Sale(id), _) => sale(*id).await,
        (_, Some(id)) => sale(id).await,
        _ => None,
    };
    let mut maybe = Vec::new();
    let replacement = |id: Uuid| async move { crate::replacements::show::view(app, org, id).await.ok() };
    let replacing = match (&done, known.replacing) {
        (Recovered::Replacement(id), _) => replacement(*id).await,
        (_, Some(id)) => replacement(id).await,
        _ => None,
    };
    let mut maybe_replacements = Vec::new();
    if let Recovered::Ask { sales, replacements } = &done {
        for id in sales {
            maybe.extend(sale(*id).await.filter(|s| s.state == "authorised"));
        }
        for id in replacements {
            maybe_replacements.extend(replacement(*id).await.filter(|r| r.state == "authorised"));
        }
    }
    let mine = known.account.as_ref();
    CardView {
        session: card.session,
        chip: card.chip.clone(),
        kind: kind_of(look, known.system_code),
        tries: card.tries,
        account: known.view.clone(),
        purchase: content.and_then(purchase),
        returned: content
            .and_then(|c| mine.and_then(|a| look::returned_of(c, user_no(a), meter_no(a))))
            .map(ReturnedView::from),
        unused,
        open_sale: open.filter(|s| s.state == "authorised"),
        maybe_sale: maybe.first().cloned(),
        maybe_sales: maybe,
        open_replacement: replacing.filter(|r| r.state == "authorised"),
        maybe_replacements,
        problems: findings.iter().map(CardProblem::from).collect(),
        last_sales: known.last.iter().map(|s| SaleView::new(s, app.desk.note(s.facts.sale_id).as_ref())).collect(),
    }
}

fn unknown_account(content: &Content) -> Finding {
    let mut params = Map::new();
    params.insert("user_no".into(), format!("{:08}", content.user_no).into());
    Finding { code: crate::errors::Code::AccountUnknown, params, blocking: true }
}

fn kind_of(look: &Look, system_code: u32) -> String {
    match look {
        Look::Blank => "blank".to_owned(),
        Look::Torn => "torn".to_owned(),
        Look::Unreadable(_) => "unreadable".to_owned(),
        Look::Content(content) if content.system_code != system_code => "foreign".to_owned(),
        Look::Content(content) => content.kind.clone(),
    }
}

fn purchase(content: &Content) -> Option<PurchaseView> {
    content.purchase.as_ref().map(|p| PurchaseView {
        meter_no: format!("{:08}", p.meter_no),
        count: p.count,
        quantity_wh: p.quantity_wh.wh(),
        alarm_wh: p.alarm_wh.wh(),
        overdraft_wh: p.overdraft_wh.wh(),
        hoard_wh: p.hoard_wh.wh(),
    })
}
