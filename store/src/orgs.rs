//! Organisations 单位 and their directory.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::{self, OrgRow};
use crate::schema::{job_lock, number_counter, org, org_directory};
use crate::scope::Scoped;
use crate::store::Store;
use crate::text_enum::text_enum;

text_enum! {
    /// Whether the organisation works on sample data (学习使用) or for real (注册).
    OrgMode {
        /// Everything works, on virtual readers, cards and meters, visibly marked.
        Learning = "learning",
        /// Registered with its own system code.
        Registered = "registered",
    }
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Its id: the scope of everything it owns.
    pub org_id: Uuid,
    /// What operators type when they log in; unique on this server.
    pub code: String,
    /// Name 单位名.
    pub name: String,
    /// System code 系统编码, on every card.
    pub system_code: u32,
    /// Learning or registered.
    pub mode: OrgMode,
}

impl Store {
    /// Makes an organisation with its counters.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the id or the code is taken.
    pub async fn org_create(&self, new: &Org) -> Result<()> {
        self.tx(new.org_id, "org_create", async |s| {
            diesel::insert_into(org::table)
                .values((
                    org::org_id.eq(new.org_id),
                    org::code.eq(&new.code),
                    org::name.eq(&new.name),
                    org::system_code.eq(rows::signed("org.system_code", new.system_code)?),
                    org::mode.eq(new.mode.as_str()),
                ))
                .execute(s.conn())
                .await?;
            diesel::insert_into(org_directory::table)
                .values((org_directory::code.eq(&new.code), org_directory::home_org_id.eq(new.org_id)))
                .execute(s.conn())
                .await?;
            for name in ["user_no", "card_no"] {
                diesel::insert_into(number_counter::table)
                    .values((
                        number_counter::org_id.eq(new.org_id),
                        number_counter::name.eq(name),
                        number_counter::next.eq(1_i64),
                    ))
                    .execute(s.conn())
                    .await?;
            }
            diesel::insert_into(job_lock::table)
                .values((job_lock::org_id.eq(new.org_id), job_lock::name.eq("rollup")))
                .execute(s.conn())
                .await?;
            Ok(())
        })
        .await
    }

    /// The organisation with this code.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn org_by_code(&self, code: &str) -> Result<Uuid> {
        let mut session = self.session().await?;
        org_directory::table
            .filter(org_directory::code.eq(code))
            .select(org_directory::home_org_id)
            .first(&mut *session)
            .await
            .map_err(StoreError::from)
    }

    /// All organisations of this server, oldest first.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn org_ids(&self) -> Result<Vec<Uuid>> {
        let mut session = self.session().await?;
        let ids = org_directory::table
            .order((org_directory::created_at, org_directory::home_org_id))
            .select(org_directory::home_org_id)
            .load(&mut *session)
            .await?;
        Ok(ids)
    }
}

/// The organisation of this scope.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn org_get(s: &mut Scoped) -> Result<Org> {
    let org_id = s.org();
    org::table.filter(org::org_id.eq(org_id)).select(OrgRow::as_select()).first(s.conn()).await?.try_into()
}

/// Changes name, system code and mode; id and code stay.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn org_update(s: &mut Scoped, name: &str, system_code: u32, mode: OrgMode) -> Result<()> {
    let org_id = s.org();
    let changed = diesel::update(org::table.filter(org::org_id.eq(org_id)))
        .set((
            org::name.eq(name),
            org::system_code.eq(rows::signed("org.system_code", system_code)?),
            org::mode.eq(mode.as_str()),
        ))
        .execute(s.conn())
        .await?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NotFound) }
}
