//! GET /drivers/keys, POST /drivers/keys, POST /drivers/keys/revoke

use super::{audit, trust};
use crate::auth::Guard;
use crate::auth::guard::Op;
use crate::auth::rights::ManageDrivers;
use crate::errors::Code;
use crate::http::fields;
use crate::http::problem::Problem;
use crate::state::{App, AppState};
use actix_web::{HttpResponse, get, post, web};
use dianka_plugin_host::package::KeyText;
use dianka_store as store;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use utoipa::ToSchema;

/// A vendor's key.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVendorKey)]
pub struct NewKey {
    /// Whose key it is, unique.
    #[schema(max_length = 100)]
    pub name: String,
    /// The public key as minisign and `dianka-kit keygen` write it (one line).
    #[schema(max_length = 200)]
    pub public: String,
    /// What it may sign: ids of drivers, or prefixes that end in `*`.
    pub ids: Vec<String>,
}

/// A vendor's key, as it counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = VendorKey)]
pub struct KeyView {
    /// Whose key it is.
    pub name: String,
    /// The public key.
    pub public: String,
    /// What it may sign.
    pub ids: Vec<String>,
    /// It counts no more: what it signed is out of service.
    pub revoked: bool,
}

/// Which key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VendorKeyName)]
pub struct KeyName {
    /// Its name.
    pub name: String,
}

/// Two changes at once would lose one.
static CHANGING: Mutex<()> = Mutex::new(());

/// Keys of vendors
#[utoipa::path(tag = "drivers", operation_id = "listVendorKeys", responses((status = 200, body = Vec<KeyView>)))]
#[get("/drivers/keys")]
pub async fn list_keys(app: App, _op: Guard<ManageDrivers>) -> Result<web::Json<Vec<KeyView>>, Problem> {
    let table = trust::all(&app.config).map_err(Problem::internal)?;
    let view = |key: &KeyText| KeyView {
        name: key.name.clone(),
        public: key.public.clone(),
        ids: key.ids.clone(),
        revoked: key.revoked,
    };
    Ok(web::Json(table.keys().map(view).collect()))
}

/// Trust a vendor's key
///
/// From now on drivers that it signed are taken, under the ids that it may sign. The same name with the same key again gives
/// it other ids.
#[utoipa::path(tag = "drivers", operation_id = "addVendorKey", responses((status = 201, body = KeyView)))]
#[post("/drivers/keys")]
pub async fn add_key(app: App, op: Guard<ManageDrivers>, body: web::Json<NewKey>) -> Result<HttpResponse, Problem> {
    let key = checked(&body)?;
    let table = trust::all(&app.config).map_err(Problem::internal)?;
    let fixed = trust::fixed(&app.config).map_err(Problem::internal)?;
    let can_change = |known: &KeyText| {
        known.name == key.name
            && known.is_same_key(&key)
            && !known.revoked
            && fixed.keys().all(|it| it.name != key.name)
    };
    if let Some(known) = table.keys().find(|known| known.name == key.name || known.is_same_key(&key))
        && !can_change(known)
    {
        let (field, value) = if known.name == key.name { ("name", key.name) } else { ("public", known.name.clone()) };
        return Err(Problem::new(Code::Duplicate).param("field", field).param("value", value));
    }
    let view = KeyView { name: key.name.clone(), public: key.public.clone(), ids: key.ids.clone(), revoked: false };
    told(&app, &op, "driver.key-add", json!({ "name": key.name, "public": key.public, "ids": key.ids })).await?;
    change(&app, move |app| {
        trust::add(&app.config, key).map_err(|error| match error {
            trust::KeysError::Content { .. } => Problem::field("public", "refused").because(error),
            trust::KeysError::File { .. } => Problem::internal(error),
        })
    })
    .await?;
    Ok(HttpResponse::Created().json(view))
}

/// Revoke a vendor's key
///
/// What it signed goes out of service at once: no more quotes; cards that were sold can still be read.
#[utoipa::path(tag = "drivers", operation_id = "revokeVendorKey", responses((status = 204)))]
#[post("/drivers/keys/revoke")]
pub async fn revoke_key(app: App, op: Guard<ManageDrivers>, body: web::Json<KeyName>) -> Result<HttpResponse, Problem> {
    let name = body.into_inner().name;
    told(&app, &op, "driver.key-revoke", json!({ "name": name })).await?;
    change(&app, move |app| match trust::revoke(&app.config, &name) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new(Code::NotFound)),
        Err(error) => Err(Problem::internal(error)),
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn checked(body: &NewKey) -> Result<KeyText, Problem> {
    let id = |text: &String| {
        let plain = text.strip_suffix('*').unwrap_or(text);
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
        let good = !text.is_empty() && text.len() <= 64 && plain.chars().all(allowed);
        good.then(|| text.clone()).ok_or_else(|| Problem::field("ids", "letters-and-digits"))
    };
    if body.ids.is_empty() || body.ids.len() > 100 {
        return Err(Problem::field("ids", "empty"));
    }
    Ok(KeyText {
        name: fields::text("name", &body.name, 100)?,
        public: fields::text("public", &body.public, 200)?,
        ids: body.ids.iter().map(id).collect::<Result<_, _>>()?,
        revoked: false,
    })
}

/// Changes the table and lets the registry follow, away from the workers: drivers may be compiled.
async fn change(app: &App, act: impl FnOnce(&AppState) -> Result<(), Problem> + Send + 'static) -> Result<(), Problem> {
    let app = app.clone();
    let changed = web::block(move || {
        let _one_at_a_time = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        act(&app)?;
        app.registry.set_trust(trust::all(&app.config).map_err(Problem::internal)?);
        Ok(())
    });
    changed.await.map_err(Problem::internal)?
}

async fn told(app: &App, op: &Op, action: &str, detail: Value) -> Result<(), Problem> {
    let entry = audit(app, op, "driver-key", action, detail);
    Ok(app.store.tx(op.org, "driver_key_audit", async |s| store::audit_add(s, &entry).await).await?)
}
