//! Line areas 线路区域: a tree, with every pair of ancestor and descendant stored.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types::{Int4, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::error::{Result, StoreError};
use crate::rows::AreaRow;
use crate::schema::{area, area_closure};
use crate::scope::Scoped;
use crate::text_enum::text_enum;

text_enum! {
    /// What kind of area.
    AreaKind {
        /// The organisation or a branch of it.
        Organisation = "organisation",
        /// A substation or line 线路.
        Line = "line",
        /// A transformer district 台区.
        District = "district",
        /// A building 楼栋.
        Building = "building",
    }
}

/// An area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Its id.
    pub area_id: Uuid,
    /// The area it lies in.
    pub parent_id: Option<Uuid>,
    /// Area code 区域编码, unique in the organisation.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: AreaKind,
    /// Names from the root down to it, joined by ` / `.
    pub path_name: String,
}

/// An area to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArea {
    /// Its id.
    pub area_id: Uuid,
    /// The area it lies in.
    pub parent_id: Option<Uuid>,
    /// Area code 区域编码.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its kind.
    pub kind: AreaKind,
}

/// Adds an area under its parent.
///
/// # Errors
/// [`StoreError::Conflict`] `area_code_key`; [`StoreError::Reference`] for an unknown parent.
pub async fn area_create(s: &mut Scoped, new: &NewArea) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(area::table)
        .values((
            area::org_id.eq(org_id),
            area::area_id.eq(new.area_id),
            area::parent_id.eq(new.parent_id),
            area::code.eq(&new.code),
            area::name.eq(&new.name),
            area::kind.eq(new.kind.as_str()),
        ))
        .execute(s.conn())
        .await?;
    closure_add(s, new.area_id, new.area_id, 0).await?;
    let Some(parent_id) = new.parent_id else {
        return Ok(());
    };
    area_closure::table
        .filter(area_closure::org_id.eq(org_id).and(area_closure::descendant_id.eq(parent_id)))
        .select((
            area_closure::org_id,
            area_closure::ancestor_id,
            new.area_id.into_sql::<SqlUuid>(),
            area_closure::distance + 1_i32.into_sql::<Int4>(),
        ))
        .insert_into(area_closure::table)
        .into_columns((
            area_closure::org_id,
            area_closure::ancestor_id,
            area_closure::descendant_id,
            area_closure::distance,
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

async fn closure_add(s: &mut Scoped, ancestor_id: Uuid, descendant_id: Uuid, distance: i32) -> Result<()> {
    let org_id = s.org();
    diesel::insert_into(area_closure::table)
        .values((
            area_closure::org_id.eq(org_id),
            area_closure::ancestor_id.eq(ancestor_id),
            area_closure::descendant_id.eq(descendant_id),
            area_closure::distance.eq(distance),
        ))
        .execute(s.conn())
        .await?;
    Ok(())
}

/// All areas, parents before children, by code.
///
/// # Errors
/// [`StoreError::Inconsistent`] when an area hangs on nothing.
pub async fn area_list(s: &mut Scoped) -> Result<Vec<Area>> {
    let org_id = s.org();
    let rows: Vec<AreaRow> = area::table
        .filter(area::org_id.eq(org_id))
        .order(area::code)
        .select(AreaRow::as_select())
        .load(s.conn())
        .await?;
    in_tree_order(rows)
}

/// One area.
///
/// # Errors
/// [`StoreError::NotFound`].
pub async fn area_get(s: &mut Scoped, area_id: Uuid) -> Result<Area> {
    let org_id = s.org();
    let joined = area_closure::table.inner_join(
        area::table.on(area::org_id.eq(area_closure::org_id).and(area::area_id.eq(area_closure::ancestor_id))),
    );
    let chain: Vec<AreaRow> = joined
        .filter(area_closure::org_id.eq(org_id).and(area_closure::descendant_id.eq(area_id)))
        .order(area_closure::distance.desc())
        .select(AreaRow::as_select())
        .load(s.conn())
        .await?;
    in_tree_order(chain)?.pop().ok_or(StoreError::NotFound)
}

fn in_tree_order(rows: Vec<AreaRow>) -> Result<Vec<Area>> {
    let count = rows.len();
    let mut children: HashMap<Option<Uuid>, Vec<AreaRow>> = HashMap::new();
    for row in rows {
        children.entry(row.parent_id).or_default().push(row);
    }
    let mut areas = Vec::with_capacity(count);
    let mut stack: Vec<(AreaRow, String)> = Vec::new();
    let push = |stack: &mut Vec<(AreaRow, String)>, rows: Option<Vec<AreaRow>>, path: &str| {
        for row in rows.unwrap_or_default().into_iter().rev() {
            let path = if path.is_empty() { row.name.clone() } else { format!("{path} / {}", row.name) };
            stack.push((row, path));
        }
    };
    push(&mut stack, children.remove(&None), "");
    while let Some((row, path_name)) = stack.pop() {
        push(&mut stack, children.remove(&Some(row.area_id)), &path_name);
        areas.push(Area {
            area_id: row.area_id,
            parent_id: row.parent_id,
            code: row.code,
            name: row.name,
            kind: AreaKind::try_from(row.kind.as_str())?,
            path_name,
        });
    }
    if areas.len() == count { Ok(areas) } else { Err(StoreError::inconsistent("an area's parent is missing")) }
}
